//! `partition-unit`: the definitions of a unit that its clients need, closed under what those need, become a unit of their
//! own that the old one includes.
//!
//! What is needed is what the linked units refer to, dead code included: only then can the old unit leave. Code that has
//! to run goes with it. Clients write one alias line, `module M = Lib.M.Core`; those that do not link both units.

use super::draft::Draft;
use super::effects::Effects;
use super::extract::{edits, part, wrapper};
use super::fresh::{Fresh, unwrapped};
use super::grouping::{self, Group};
use super::model::{ProposalKind, Risk};
use super::outline::{Outline, PieceId, PieceKind};
use super::plan::{Clients, Part, Plan, Recipe, Role};
use super::signature::{Shown, Signature, is_concrete, module_signature};
use super::world::World;
use crate::base::{IdSet, name};
use crate::graph::DefKind;
use crate::link::LinkedSet;

/// Proposes to partition a unit, for the linked units as they are; none when too much is needed.
pub(crate) fn draft(
    outline: &Outline<'_>,
    effects: &Effects<'_>,
    world: &World<'_>,
    linked: &LinkedSet,
) -> Option<Draft> {
    let mut core = needed(outline, world, linked)?;
    core.extend(outline.ids().filter(|&piece| outline.piece(piece).is_pinned));
    outline.close(&mut core);
    let core_bytes: u64 = core.iter().map(|piece| outline.piece(piece).bytes).sum();
    if core.is_empty() || core_bytes * 10 > outline.bytes() * 9 {
        return None;
    }
    let is_item = |&piece: &PieceId| outline.piece(piece).kind != PieceKind::Open;
    let mut groups = vec![
        Group { pieces: core.iter().filter(is_item).collect(), sees: Vec::new() },
        Group {
            pieces: outline.ids().filter(|&piece| !core.contains(piece)).filter(is_item).collect(),
            sees: vec![0],
        },
    ];
    grouping::link_groups(outline, &mut groups);
    groups[1].sees = vec![0];
    if !grouping::is_ordered(&groups) {
        return None;
    }
    let tree = outline.tree;
    let unit_name = tree.unit_name(outline.unit);
    let mut risks = grouping::risks(outline, &groups, effects);
    risks.extend(shadowed(outline, &groups));
    let mut fresh = Fresh::of_library(tree, outline.unit);
    let mut plan =
        Plan { unit: Some(outline.unit), clients: Clients::Rewritten, included: vec![0], ..Plan::default() };
    let module = fresh.take(&format!("{}_core", unwrapped(unit_name)));
    let signature = module_signature(tree, outline.unit, name(""));
    if let Some(signature) = &signature {
        let hidden = fresh.take(&format!("{}_core0", unwrapped(unit_name)));
        let body = part(outline, &fresh, &groups[0], hidden, Role::Core, Vec::new());
        plan.parts.push(Part { is_private: true, recipe: Recipe::Wrap, ..body });
        let exported = plan.parts[0].defs.iter().filter(|&&def| {
            let def = tree.graph.def(def);
            def.exported && !matches!(def.kind, DefKind::Type | DefKind::ModuleType | DefKind::Effect)
        });
        let n_values = exported.count() as u32;
        plan.parts.push(wrapper(&fresh, module, 0, n_values));
        risks.extend(variance(outline, &core, signature));
    } else {
        plan.parts.push(part(outline, &fresh, &groups[0], module, Role::Core, Vec::new()));
    }
    let n_core = plan.parts[0].defs.iter().filter(|&&def| !is_type(outline, def)).count();
    let n_all =
        outline.pieces.iter().flat_map(|piece| &piece.defs).filter(|&&def| !is_type(outline, def)).count();
    Some(Draft {
        id: format!("partition-unit:{unit_name}"),
        kind: ProposalKind::PartitionUnit,
        unit: Some(outline.unit),
        library: Some(tree.project.unit(outline.unit).library),
        summary: format!(
            "part the {n_core} definitions of {unit_name} that are needed here from the other {}",
            n_all - n_core
        ),
        edits: edits(tree, outline, &plan),
        plan,
        risks,
    })
}

fn is_type(outline: &Outline<'_>, def: crate::base::DefId) -> bool {
    matches!(outline.tree.graph.def(def).kind, DefKind::Type | DefKind::ModuleType)
}

/// The pieces that other linked units refer to; none when one takes the unit as a whole.
fn needed(outline: &Outline<'_>, world: &World<'_>, linked: &LinkedSet) -> Option<IdSet<PieceId>> {
    let graph = outline.tree.graph;
    let mut pieces: IdSet<PieceId> = IdSet::default();
    for (def, edge) in world.references(outline.unit, linked) {
        debug_assert!(graph.def(def).unit != outline.unit);
        match edge.def.filter(|&def| graph.def(def).unit == outline.unit) {
            Some(def) => {
                pieces.insert(outline.piece_of(def)?);
            }
            None => return None,
        }
    }
    Some(pieces)
}

/// Names that both groups bind: an `include` in front restores the wrong one.
fn shadowed(outline: &Outline<'_>, groups: &[Group]) -> Vec<Risk> {
    let mut risks = Vec::new();
    for &piece in &groups[0].pieces {
        for (space, bound) in outline.names(piece) {
            let others =
                outline.lexicon.at_root(space, bound).iter().map(|&position| outline.piece_at(position));
            let earlier =
                others.into_iter().find(|&other| other < piece && groups[1].pieces.contains(&other));
            if earlier.is_some() {
                risks.push(Risk {
                    code: "capture",
                    message: format!(
                        "{bound} is bound twice, and the first one would come last: name it again at the end"
                    ),
                    place: Some(super::risks::place(
                        outline.tree,
                        outline.file,
                        outline.piece(piece).span.start,
                    )),
                });
            }
        }
    }
    risks
}

/// Abstract types with parameters among what moves.
fn variance(outline: &Outline<'_>, core: &IdSet<PieceId>, signature: &Signature<'_>) -> Vec<Risk> {
    let shown = Shown::of(signature.facts, signature.structure);
    let mut risks = Vec::new();
    for (path, span, n_params) in shown.abstract_types {
        let moves = core.iter().flat_map(|piece| &outline.piece(piece).defs).any(|&def| {
            let def = outline.tree.graph.def(def);
            def.kind == DefKind::Type && def.path.as_str() == path
        });
        if n_params > 0 && moves && is_concrete(outline.tree, outline.unit, name(""), &path) {
            risks.push(super::signature::variance_risk(outline.tree, signature, &path, span));
        }
    }
    risks
}
