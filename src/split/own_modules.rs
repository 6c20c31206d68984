//! `own-modules-to-library`: the modules of an executable are linked whether they are used or not; those of a library
//! beside it only when they are.

use super::draft::Draft;
use super::effects::Effects;
use super::model::{Edit, EditAction, ProposalKind};
use super::plan::{LinkChange, Plan};
use super::world::Tree;
use crate::base::UnitId;
use crate::project::Program;

/// Proposes to move all own modules of a program but its main one to a library.
pub(crate) fn draft(
    tree: Tree<'_>,
    program: &Program,
    own: &[UnitId],
    effects: &Effects<'_>,
) -> Option<Draft> {
    let (main, others) = own.split_last()?;
    if others.is_empty() {
        return None;
    }
    // A module whose code does something is linked for that; nothing may refer to it.
    let runs = |unit: UnitId| {
        tree.graph
            .unit_defs(unit)
            .any(|def| effects.runs(def) && effects.class(def) != super::effects::Class::Pure)
    };
    let movable: Vec<UnitId> = others.iter().copied().filter(|&unit| !runs(unit)).collect();
    if movable.is_empty() {
        return None;
    }
    let dune = tree
        .project
        .unit(*main)
        .implementation()
        .map(|file| tree.project.file(file).shown.with_file_name("dune"));
    Some(Draft {
        id: format!("own-modules-to-library:{}", program.name),
        kind: ProposalKind::OwnModulesToLibrary,
        unit: None,
        library: Some(program.own),
        summary: format!(
            "move {} of {} to a library beside it, so that only what is used is linked",
            if movable.len() == 1 { "a module".to_owned() } else { format!("{} modules", movable.len()) },
            program.name
        ),
        edits: dune.into_iter().map(|file| Edit { file, action: EditAction::Modify }).collect(),
        plan: Plan { link: LinkChange { to_library: movable, ..LinkChange::default() }, ..Plan::default() },
        risks: Vec::new(),
    })
}
