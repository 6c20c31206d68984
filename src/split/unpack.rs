//! `unpack`: a library that `-pack` made one unit of. Its members become units again, and a facade of aliases takes the pack's
//! place; clients stay as they are, and link what they use.
//!
//! Members keep the names that the linker knows (`Depot__Text`), so nothing is named anew; they no longer bring each other.

use super::draft::Draft;
use super::model::{Edit, EditAction, ProposalKind};
use super::plan::Plan;
use super::risks;
use super::world::Tree;
use crate::base::{UnitId, uncapitalise};
use crate::project::{LibraryOrigin, UnitSource};

/// Proposes to take a pack apart, where its members are known.
pub(crate) fn draft(tree: Tree<'_>, pack: UnitId) -> Option<Draft> {
    let source = tree.project.unit(pack);
    let members = tree.project.members(pack);
    let origin = tree.project.library(source.library).origin;
    let holds_pack = members.iter().any(|&member| !tree.project.members(member).is_empty());
    if members.is_empty() || holds_pack || origin == LibraryOrigin::Stdlib {
        return None;
    }
    let UnitSource::Generated(table) = &source.source else { return None };
    let name = tree.unit_name(pack);
    let mut all_risks: Vec<_> = members.iter().flat_map(|&member| risks::of_unit(tree, member)).collect();
    all_risks.dedup();
    for &member in &members {
        let defs = tree.graph.unit_defs(member);
        all_risks.extend(risks::printed(tree, defs, tree.unit_name(member), tree.unit_name(member)));
    }
    let mut edits: Vec<Edit> = Vec::new();
    for &member in &members {
        let unit = tree.project.unit(member);
        for file in [unit.implementation(), unit.interface()].into_iter().flatten() {
            let shown = tree.project.file(file).shown.clone();
            let renamed = shown.with_file_name(new_file(tree.unit_name(member), &shown));
            edits.push(Edit { file: shown, action: EditAction::Delete });
            edits.push(Edit { file: renamed, action: EditAction::Create });
        }
    }
    edits.sort();
    Some(Draft {
        id: format!("unpack:{name}"),
        kind: ProposalKind::Unpack,
        unit: Some(pack),
        library: Some(source.library),
        summary: format!(
            "a facade of aliases in place of the pack {name}: each of its {} modules is linked only where it is used",
            table.aliases.len()
        ),
        edits,
        plan: Plan { unit: Some(pack), unpacks: true, ..Plan::default() }.into(),
        risks: risks::capped(all_risks),
    })
}

/// The name of a member's file once it is a unit of its own, so that the linker's name for it stays: `depot__Text.ml`.
pub(crate) fn new_file(unit: &str, file: &std::path::Path) -> String {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or("ml");
    format!("{}.{extension}", uncapitalise(unit))
}
