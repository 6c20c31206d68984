//! The price of a plan: the program relinked, and the difference.
//!
//! The interval covers what is not measured: a unit without object file may be a fifth off, and so may what a new unit costs
//! beside the code that moves into it; that code may change by a fiftieth.

use super::linking::Line;
use super::model::Saving;
use super::plan::Plan;
use super::world::World;
use crate::base::{IdSet, UnitId};
use crate::link::{LinkInput, LinkedSet};
use crate::size::Provenance;

/// A program as some world links it.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) linked: LinkedSet,
    pub(crate) alloc: u64,
}

impl State {
    pub(crate) fn of(world: &World<'_>, program: &LinkInput) -> Self {
        let linked = world.link(program);
        let alloc = world.total(&linked);
        State { linked, alloc }
    }
}

/// What a plan does to one program.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) saved: Saving,
    pub(crate) provenance: Provenance,
    /// Existing units that leave, in link order.
    pub(crate) dropped: Vec<UnitId>,
    /// Units that come, new ones in the order in which their plan has them.
    pub(crate) added: Vec<UnitId>,
    /// All units that are linked then.
    pub(crate) after: IdSet<UnitId>,
}

impl Saving {
    /// Adds what else leaves the executable: C code that nobody calls any more.
    pub(crate) fn add_besides(&mut self, bytes: i64) {
        for figure in
            [&mut self.alloc, &mut self.stripped, &mut self.unstripped, &mut self.low, &mut self.high]
        {
            *figure += bytes;
        }
    }
}

/// Prices a plan on top of a world. Returns the world with it, too.
pub(crate) fn price<'a>(
    world: &World<'a>,
    before: &State,
    plan: &Plan,
    program: &Line<'_>,
) -> (World<'a>, Effect) {
    let mut changed = world.clone();
    changed.apply(plan);
    let effect = compare(world, before, &changed, program);
    (changed, effect)
}

/// Prices a plan for several programs.
pub(crate) fn price_all(
    world: &World<'_>,
    before: &[State],
    plan: &Plan,
    programs: &[Line<'_>],
) -> Vec<Effect> {
    let mut changed = world.clone();
    changed.apply(plan);
    before.iter().zip(programs).map(|(state, program)| compare(world, state, &changed, program)).collect()
}

/// Compares a program in two worlds, the second of which has more plans carried out.
fn compare(world: &World<'_>, before: &State, changed: &World<'_>, program: &Line<'_>) -> Effect {
    let before = &before.linked;
    let after = program.kept(changed);
    let dropped = before.units.iter().copied().filter(|&unit| !after.contains(unit)).collect();
    let added = after.iter().filter(|&unit| !before.contains(unit)).collect();
    let (saved, provenance) = saving(world, before, changed, &after);
    Effect { saved, provenance, dropped, added, after }
}

/// What a program saves between two linked sets, how far that may be off, and whether existing units were measured.
pub(crate) fn saving(
    world: &World<'_>,
    before: &LinkedSet,
    changed: &World<'_>,
    after: &IdSet<UnitId>,
) -> (Saving, Provenance) {
    let (mut alloc, mut strippable) = (0, 0);
    let mut slack = 0;
    let mut provenance = Provenance::Measured;
    let come = after.iter().filter(|&unit| !before.contains(unit));
    for unit in before.units.iter().copied().chain(come) {
        let (was, is) = (before.contains(unit), after.contains(unit));
        let old = if was { world.weight(unit) } else { 0 };
        let new = if is { changed.weight(unit) } else { 0 };
        alloc += old as i64 - new as i64;
        strippable += if was { world.strippable(unit) as i64 } else { 0 };
        strippable -= if is { changed.strippable(unit) as i64 } else { 0 };
        if old == new {
            continue;
        }
        if let Some(added) = changed.new_unit(unit) {
            slack += added.moved / 50 + new.abs_diff(added.moved) / 5;
        } else if world.is_measured(unit) {
            // What is left of a measured unit is as exact as its definitions are placed.
            slack += if new > 0 { old.abs_diff(new) / 50 } else { old / 500 };
        } else {
            slack += old.abs_diff(new) / 5;
            provenance = Provenance::Estimated;
        }
    }
    let slack = slack as i64;
    let saved = Saving {
        alloc,
        stripped: alloc,
        unstripped: alloc + strippable,
        low: alloc - slack,
        high: alloc + slack,
    };
    (saved, provenance)
}
