//! `cut-effect`: units that are linked only because some code registers something when its own unit is linked.
//!
//! An exception printer, a callback, a plugin table: nobody refers to the code, it runs because its unit is there, and what it
//! names is linked with it. In a unit of its own, linked by who wants it, it costs nobody else. Programs behave differently
//! without it, so each is for review, always.

use super::draft::Draft;
use super::effects::{Class, Effects};
use super::model::{Edit, EditAction, ProposalKind, Risk};
use super::plan::Plan;
use super::risks;
use super::world::Tree;
use crate::base::{DefId, UnitId};
use crate::graph::DefKind;
use crate::link::LinkedSet;
use crate::project::LibraryOrigin;

/// Proposes to cut the registrations of each linked unit of a library.
pub(crate) fn drafts(tree: Tree<'_>, linked: &LinkedSet, effects: &Effects<'_>) -> Vec<Draft> {
    let is_library = |unit: &UnitId| {
        let origin = tree.project.library(tree.project.unit(*unit).library).origin;
        matches!(origin, LibraryOrigin::Workspace | LibraryOrigin::Installed)
    };
    linked.units.iter().copied().filter(is_library).filter_map(|unit| draft(tree, unit, effects)).collect()
}

fn draft(tree: Tree<'_>, unit: UnitId, effects: &Effects<'_>) -> Option<Draft> {
    let graph = tree.graph;
    let registers = |def: &DefId| {
        graph.def(*def).kind == DefKind::Effect && matches!(effects.class(*def), Class::Registers(_))
    };
    let found: Vec<DefId> = graph.unit_defs(unit).filter(registers).collect();
    let cut: Vec<u32> = found
        .iter()
        .flat_map(|&def| graph.def(def).edges.clone())
        .filter(|&edge| {
            let edge = &graph.edges[edge as usize];
            edge.kind.links() && edge.target.unit != unit
        })
        .collect();
    if cut.is_empty() {
        return None;
    }
    let name = tree.unit_name(unit);
    let library = tree.project.unit(unit).library;
    let n = found.len();
    let what = if n == 1 { "its registration".to_owned() } else { format!("its {n} registrations") };
    let mut all_risks: Vec<Risk> = found
        .iter()
        .map(|&def| Risk {
            code: "effect-moved",
            message: format!("runs only in programs that ask for it once it has left {name}"),
            place: Some(risks::def_place(tree, def)),
        })
        .collect();
    all_risks.extend(risks::of_unit(tree, unit));
    let file = tree.project.unit(unit).implementation()?;
    let shown = tree.project.file(file).shown.clone();
    Some(Draft {
        id: format!("cut-effect:{name}"),
        kind: ProposalKind::CutEffect,
        unit: Some(unit),
        library: Some(library),
        summary: format!("{name} without {what} at start-up: to be linked on request"),
        plan: Plan { cut, ..Plan::default() },
        edits: vec![Edit { file: shown, action: EditAction::Modify }],
        risks: risks::capped(all_risks),
    })
}
