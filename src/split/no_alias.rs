//! `no-alias-deps`: facades of aliases, written by hand and compiled without the flag of that name.
//!
//! Without it the compiler records every unit that an alias stands for, used or not, so whoever links the facade for one value
//! of its own links every part. dune always passes it. That it was not passed is read off the archive, or off how the
//! unit is compiled: then the unit records what its aliases name.

use super::draft::Draft;
use super::model::{Edit, EditAction, ProposalKind};
use super::plan::Plan;
use super::risks;
use super::world::Tree;
use crate::base::UnitId;
use crate::graph::DefKind;
use crate::project::LibraryOrigin;

/// Proposes the flag for a unit of a library whose aliases link.
pub(crate) fn draft(tree: Tree<'_>, unit: UnitId) -> Option<Draft> {
    let source = tree.project.unit(unit);
    let library = tree.project.library(source.library);
    let is_ours = matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Installed);
    if source.no_alias_deps || !is_ours {
        return None;
    }
    let graph = tree.graph;
    let recorded = graph.units.links.get(unit.0 as usize)?;
    let is_recorded = |used: UnitId| recorded.iter().any(|&(other, _)| other == used);
    let mut cut: Vec<u32> = Vec::new();
    let mut n_aliases = 0;
    for def in graph.unit_defs(unit) {
        let alias = graph.def(def);
        // One that the interface spells out is a real field, whatever the flag.
        if alias.kind != DefKind::Alias || alias.sealed || alias.in_functor.is_some() {
            continue;
        }
        let links: Vec<u32> = alias
            .edges
            .clone()
            .filter(|&edge| {
                let edge = &graph.edges[edge as usize];
                edge.kind.links() && edge.target.unit != unit && is_recorded(edge.target.unit)
            })
            .collect();
        n_aliases += u32::from(!links.is_empty());
        cut.extend(links);
    }
    if cut.is_empty() {
        return None;
    }
    let name = tree.unit_name(unit);
    let file = source.implementation()?;
    let shown = tree.project.file(file).shown.clone();
    Some(Draft {
        id: format!("no-alias-deps:{name}"),
        kind: ProposalKind::NoAliasDeps,
        unit: Some(unit),
        library: Some(source.library),
        summary: format!(
            "compile {name} with -no-alias-deps: its {n_aliases} aliases cost nothing until something is used through them"
        ),
        edits: vec![Edit { file: shown.with_file_name("_tags"), action: EditAction::Modify }],
        plan: Plan { unit: Some(unit), cut, ..Plan::default() }.into(),
        risks: risks::of_unit(tree, unit),
    })
}
