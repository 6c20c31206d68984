//! `own-modules-to-library`: the modules of an executable are linked whether they are used or not; those of a library
//! beside it only when they are.

use super::draft::Draft;
use super::effects::Effects;
use super::fresh::unwrapped;
use super::model::{Edit, EditAction, ProposalKind};
use super::plan::{LinkChange, Plan};
use super::world::Tree;
use crate::base::{Name, UnitId, name};
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
    // The alias module that dune makes of an executable is no file that could move.
    let has_file = |unit: UnitId| tree.project.unit(unit).implementation().is_some();
    let mut movable: Vec<UnitId> =
        others.iter().copied().filter(|&unit| has_file(unit) && !runs(unit)).collect();
    // A library cannot name a module of the program: what names one that stays has to stay.
    loop {
        let stays = |unit: &UnitId| own.contains(unit) && !movable.contains(unit);
        let before = movable.len();
        let staying: Vec<Name> = own
            .iter()
            .filter(|unit| stays(unit))
            .map(|&unit| name(unwrapped(tree.unit_name(unit))))
            .collect();
        movable.retain(|&unit| !mentions(tree, unit, &staying));
        if movable.len() == before {
            break;
        }
    }
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
        plan: Plan {
            link: LinkChange {
                to_library: movable,
                library: library(&program.name),
                ..LinkChange::default()
            },
            ..Plan::default()
        }
        .into(),
        risks: Vec::new(),
    })
}

/// The name of the library that takes modules of a program.
fn library(program: &str) -> String {
    let executable = program.rsplit('/').next().unwrap_or(program);
    format!("{}_lib", executable.replace(['-', '.'], "_"))
}

/// Whether a unit's files have one of some names in them, as a module or not: dune goes by names alone.
fn mentions(tree: Tree<'_>, unit: UnitId, names: &[Name]) -> bool {
    let source = tree.project.unit(unit);
    let files = [source.implementation(), source.interface()];
    let mut facts = files.into_iter().flatten().filter_map(|file| tree.facts(file));
    facts.any(|facts| facts.names.iter().any(|found| names.contains(found)))
}
