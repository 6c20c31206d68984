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
use super::lexicon::Space;
use super::model::{ProposalKind, Risk};
use super::outline::{Outline, PieceId, PieceKind};
use super::plan::{Clients, Part, Plan, Recipe, Role};
use super::signature::{Shown, Signature, is_concrete, module_signature};
use super::world::World;
use crate::base::{IdSet, Idx, Name, first_component, name};
use crate::graph::DefKind;
use crate::link::LinkedSet;
use std::sync::Arc;

/// A unit, ready to be parted for one program after another: those that need the same of it share a draft.
pub(crate) struct Partition<'o, 'a> {
    outline: &'o Outline<'a>,
    effects: &'o Effects<'a>,
    known: Vec<(IdSet<PieceId>, Option<Arc<Draft>>)>,
}

impl<'o, 'a> Partition<'o, 'a> {
    pub(crate) fn new(outline: &'o Outline<'a>, effects: &'o Effects<'a>) -> Self {
        Partition { outline, effects, known: Vec::new() }
    }

    /// Proposes to partition the unit, for the linked units as they are; none when too much is needed.
    pub(crate) fn draft(&mut self, world: &World<'_>, linked: &LinkedSet) -> Option<Arc<Draft>> {
        let needed = needed(self.outline, world, linked)?;
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == needed) {
            return known.clone();
        }
        let draft = draft(self.outline, self.effects, needed.clone()).map(Arc::new);
        self.known.push((needed, draft.clone()));
        draft
    }
}

fn draft(outline: &Outline<'_>, effects: &Effects<'_>, mut core: IdSet<PieceId>) -> Option<Draft> {
    core.extend(outline.ids().filter(|&piece| outline.piece(piece).is_pinned));
    outline.close(&mut core);
    let groups = parted(outline, &mut core)?;
    let tree = outline.tree;
    let unit_name = tree.unit_name(outline.unit);
    let mut risks = grouping::risks(outline, &groups, effects);
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
        plan: plan.into(),
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
    for edge in world.named(outline.unit, linked) {
        debug_assert!(graph.def(edge.from).unit != outline.unit);
        match edge.def.get().filter(|&def| graph.def(def).unit == outline.unit) {
            Some(def) => {
                pieces.insert(outline.piece_of(def)?);
            }
            None => return None,
        }
    }
    Some(pieces)
}

/// The core and the rest, as groups; none when too much is needed.
///
/// The core's names stand in front of the rest. Where one would mean something else there, because the core binds it anew
/// behind that place, the code that names it goes with the core; so does an earlier binding of a name, of which the
/// later one is in the core: an `include` in front would restore the wrong one.
fn parted(outline: &Outline<'_>, core: &mut IdSet<PieceId>) -> Option<Vec<Group>> {
    let is_item = |&piece: &PieceId| outline.piece(piece).kind != PieceKind::Open;
    loop {
        let core_bytes: u64 = core.iter().map(|piece| outline.piece(piece).bytes).sum();
        if core.is_empty() || core_bytes * 10 > outline.bytes() * 9 {
            return None;
        }
        let mut core_pieces: Vec<PieceId> = core.iter().filter(is_item).collect();
        core_pieces.sort_unstable();
        let rest = outline.ids().filter(|&piece| !core.contains(piece)).filter(is_item).collect();
        let mut groups =
            vec![Group { pieces: core_pieces, sees: Vec::new() }, Group { pieces: rest, sees: vec![0] }];
        grouping::link_groups(outline, &mut groups);
        groups[1].sees = vec![0];
        if !grouping::is_ordered(&groups) {
            return None;
        }
        let mut joining = grouping::captured(outline, &groups, 1);
        joining.extend(bound_before(outline, &groups));
        let n_before = core.iter().count();
        core.extend(joining);
        outline.close(core);
        if core.iter().count() == n_before {
            return Some(groups);
        }
    }
}

/// The pieces of the rest that bind a name which the core binds later.
fn bound_before(outline: &Outline<'_>, groups: &[Group]) -> Vec<PieceId> {
    let bound = outline.bound();
    let mut last: Vec<Option<PieceId>> = vec![None; bound.n_names()];
    for &piece in &groups[0].pieces {
        bound.names(piece).iter().for_each(|name| last[name.idx()] = Some(piece));
    }
    let is_before = |piece: &PieceId| bound.names(*piece).iter().any(|name| last[name.idx()] > Some(*piece));
    groups[1].pieces.iter().copied().filter(is_before).collect()
}

/// Abstract types that say how their parameters vary, among what moves.
fn variance(outline: &Outline<'_>, core: &IdSet<PieceId>, signature: &Signature<'_>) -> Vec<Risk> {
    let shown = Shown::of(signature.facts, signature.structure);
    let mut risks = Vec::new();
    let bound = outline.bound();
    let is_moved = |head: (Space, Name)| {
        let binders = bound.number(head).map_or(&[][..], |name| bound.binders(name));
        binders.iter().any(|&piece| core.contains(piece))
    };
    for (path, span, _) in shown.abstract_types.into_iter().filter(|(_, _, has_variance)| *has_variance) {
        let head = match first_component(&path) {
            whole if whole == path => (Space::Type, name(whole)),
            module => (Space::Module, name(module)),
        };
        if is_moved(head) && is_concrete(outline.tree, outline.unit, name(""), &path) {
            risks.push(super::signature::variance_risk(outline.tree, signature, &path, span));
        }
    }
    risks
}
