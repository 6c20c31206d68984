//! What serves all clients of a library best.
//!
//! Every change of the library is weighed in every client at once: what counts is the sum, and who loses is said. A unit may be
//! parted in several ways, by what one client needs or by what all need together; the joint choice takes the way that saves most.

use super::draft::Draft;
use super::model::{Proposal, ProposalKind, Saving};
use super::outline::Outline;
use super::partition::Partition;
use super::propose::{Finder, Options, ProgramParts, with_finder};
use super::world::{Tree, World};
use super::{cut_effect, extract, facade, joint, linkall};
use crate::base::{LibraryId, UnitId};
use crate::link::{LinkInput, LinkedSet};
use std::sync::Arc;

/// Ways to part one unit that are weighed: by what all need, and by what each of the clients with most waste needs.
const MAX_WAYS: usize = 4;

/// A change of the library, with what it does to each client.
#[derive(Clone, PartialEq, Debug)]
pub struct SharedProposal {
    /// The change, as it is for the client that wins most.
    pub proposal: Proposal,
    /// What each program saves, in the order given.
    pub saved: Vec<Saving>,
    /// The sum of what they save, in the allocated sections.
    pub total: i64,
    /// Whether it is among those that serve the clients best together.
    pub is_chosen: bool,
}

/// What is left after some changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedPoint {
    /// The changes up to here, by id.
    pub proposals: Vec<String>,
    /// Bytes of each program in the allocated sections, in the order given.
    pub alloc: Vec<u64>,
}

/// All that is proposed to a library.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Shared {
    /// Those chosen first, in their order; then the others, those that save most first.
    pub proposals: Vec<SharedProposal>,
    /// What is left after one, two, three... of those chosen; starts with the programs as they are.
    pub curve: Vec<SharedPoint>,
}

/// Returns what to change in some libraries, weighed over all programs.
#[must_use]
pub fn propose_shared(
    tree: Tree<'_>,
    programs: &[ProgramParts<'_>],
    targets: &[LibraryId],
    options: &Options,
) -> Shared {
    with_finder(tree, programs, options, |finder| {
        finder.get_ready();
        weigh(finder, targets)
    })
}

fn weigh(finder: &Finder<'_, '_>, targets: &[LibraryId]) -> Shared {
    let (programs, options) = (finder.programs, finder.options);
    let inputs: Vec<&LinkInput> = programs.iter().map(|program| program.input).collect();
    let mut found: Vec<(Arc<Draft>, i64)> = Vec::new();
    for draft in drafts(finder, targets) {
        let mut changed = finder.world.clone();
        changed.apply(&draft.plan);
        let left = finder.lines.iter().zip(finder.states);
        let saved: Vec<i64> =
            left.map(|(line, before)| before.alloc as i64 - line.alloc(&changed) as i64).collect();
        let is_known = found.iter().any(|(other, _)| other.id == draft.id && other.plan == draft.plan);
        if !is_known && saved.iter().any(|&saved| saved != 0) {
            found.push((Arc::new(draft), saved.iter().sum()));
        }
    }
    let choice = joint::choose(finder.world, &found, &inputs, finder.lines, options.min_saving);
    let mut shared = Shared { proposals: Vec::new(), curve: curve(finder, &found, &choice.chosen) };
    for &i in &choice.chosen {
        shared.proposals.extend(priced(finder, &found[i].0, true));
    }
    // Of the ways to part a unit, the chosen one stands for all, else the best.
    let mut others: Vec<(Arc<Draft>, i64)> = found
        .into_iter()
        .enumerate()
        .filter(|(i, (_, total))| !choice.chosen.contains(i) && *total >= options.min_saving as i64)
        .map(|(_, found)| found)
        .collect();
    others.sort_by_key(|(draft, total)| (std::cmp::Reverse(*total), draft.id.clone()));
    for (draft, _) in others {
        if !shared.proposals.iter().any(|other| other.proposal.id == draft.id) {
            shared.proposals.extend(priced(finder, &draft, false));
        }
    }
    shared
}

/// Changes of the targets that somebody may win by.
fn drafts(finder: &Finder<'_, '_>, targets: &[LibraryId]) -> Vec<Draft> {
    let (tree, effects) = (finder.tree, finder.effects);
    let is_target = |library: Option<LibraryId>| library.is_some_and(|library| targets.contains(&library));
    let all = all_linked(finder.programs);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut add = |draft: Draft| {
        if is_target(draft.library) {
            drafts.push(draft);
        }
    };
    cut_effect::drafts(tree, &all, effects).into_iter().for_each(&mut add);
    for parts in finder.programs {
        for draft in linkall::drafts(tree, parts.program, parts.linked) {
            // Forced units may differ from client to client; who has most of them speaks for all.
            add(draft);
        }
    }
    for &unit in all.units.iter().filter(|&&unit| is_target(Some(tree.project.unit(unit).library))) {
        let mut wasting = wasting(finder, unit);
        if wasting.is_empty() {
            continue;
        }
        wasting.truncate(MAX_WAYS - 1);
        let unseal = facade::unseal(tree, unit);
        let is_facade = unseal.is_some();
        unseal.into_iter().chain(facade::bypass(tree, unit)).for_each(&mut add);
        if is_facade {
            continue;
        }
        let Some(outline) = Outline::new(tree, unit, effects) else { continue };
        extract::draft(&outline, effects, finder.options.min_saving).into_iter().for_each(&mut add);
        let mut partition = Partition::new(&outline, effects);
        let linked = wasting.into_iter().map(|at| finder.programs[at].linked);
        for linked in std::iter::once(&all).chain(linked) {
            partition.draft(finder.world, linked).into_iter().for_each(|draft| add((*draft).clone()));
        }
    }
    drafts
}

/// The programs in which a unit's waste is worth a change, most waste first.
fn wasting(finder: &Finder<'_, '_>, unit: UnitId) -> Vec<usize> {
    let waste = |at: usize| {
        let parts = &finder.programs[at];
        let position = parts.linked.units.iter().position(|&other| other == unit)?;
        parts.waste?.waste_bytes.get(position).copied()
    };
    let mut found: Vec<(u64, usize)> = (0..finder.programs.len())
        .filter_map(|at| Some((waste(at)?, at)))
        .filter(|&(waste, _)| waste >= finder.options.min_saving)
        .collect();
    found.sort_by_key(|&(waste, at)| (std::cmp::Reverse(waste), at));
    found.into_iter().map(|(_, at)| at).collect()
}

/// The units that some program links.
fn all_linked(programs: &[ProgramParts<'_>]) -> LinkedSet {
    let mut all = LinkedSet::default();
    for parts in programs {
        for (unit, reason) in parts.linked.iter() {
            if all.members.insert(unit) {
                all.units.push(unit);
                all.reasons.push(reason);
            }
        }
    }
    all
}

/// A change priced for each program, C code included; as a proposal to the one that wins most.
fn priced(finder: &Finder<'_, '_>, draft: &Draft, is_chosen: bool) -> Option<SharedProposal> {
    let alone = finder.effects_of(draft, 0..finder.programs.len());
    let best = (0..alone.len()).max_by_key(|&at| (alone[at].1.saved.alloc, std::cmp::Reverse(at)))?;
    let kind = draft.kind;
    let mut saved: Vec<Saving> = alone.iter().map(|(_, effect)| effect.saved).collect();
    let (_, proposal) = finder.proposals_of(draft, &alone, |at| at == best).pop()?;
    saved[best] = proposal.saved;
    for (program, other) in &proposal.others {
        let name = &finder.tree.project.program(*program).name;
        if let Some(at) = finder.programs.iter().position(|parts| parts.program.name == *name) {
            saved[at] = *other;
        }
    }
    let is_offered = kind != ProposalKind::BypassFacade;
    let total = saved.iter().map(|saving| saving.alloc).sum();
    is_offered.then_some(SharedProposal { proposal, saved, total, is_chosen })
}

fn curve(finder: &Finder<'_, '_>, found: &[(Arc<Draft>, i64)], chosen: &[usize]) -> Vec<SharedPoint> {
    let mut world = finder.world.clone();
    let sizes = |world: &World<'_>| -> Vec<u64> {
        (0..finder.programs.len()).map(|at| finder.alloc(at, world)).collect()
    };
    let mut points = vec![SharedPoint { proposals: Vec::new(), alloc: sizes(&world) }];
    let mut ids = Vec::new();
    for &i in chosen {
        world.apply(&found[i].0.plan);
        ids.push(found[i].0.id.clone());
        points.push(SharedPoint { proposals: ids.clone(), alloc: sizes(&world) });
    }
    points
}
