//! The price of a plan: the program relinked, and the difference.
//!
//! The interval covers what is not measured: a unit without object file may be a fifth off, and so may a new unit.

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
    pub(crate) strippable: u64,
}

impl State {
    pub(crate) fn of(world: &World<'_>, program: &LinkInput) -> Self {
        let linked = world.link(program);
        let (alloc, strippable) = world.total(&linked);
        State { linked, alloc, strippable }
    }
}

/// What a plan does to one program.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) saved: Saving,
    pub(crate) provenance: Provenance,
    /// Existing units that leave, in link order.
    pub(crate) dropped: Vec<UnitId>,
    /// New units that are linked, in link order.
    pub(crate) added: Vec<UnitId>,
}

/// Prices a plan on top of a world. Returns the world with it, too.
pub(crate) fn price<'a>(
    world: &World<'a>,
    before: &State,
    plan: &Plan,
    program: &LinkInput,
) -> (World<'a>, Effect) {
    let mut changed = world.clone();
    changed.apply(plan);
    let effect = compare(world, before, &changed, program);
    (changed, effect)
}

/// Compares a program in two worlds, the second of which has more plans carried out.
pub(crate) fn compare(world: &World<'_>, before: &State, changed: &World<'_>, program: &LinkInput) -> Effect {
    let after = State::of(changed, program);
    let gone = |from: &LinkedSet, to: &LinkedSet| -> Vec<UnitId> {
        from.units.iter().copied().filter(|&unit| !to.contains(unit)).collect()
    };
    let dropped = gone(&before.linked, &after.linked);
    let added = gone(&after.linked, &before.linked);
    // What differs between the two: units that come or go, and those that change.
    let mut slack = 0;
    let mut provenance = Provenance::Measured;
    let mut differ: IdSet<UnitId> = dropped.iter().chain(&added).copied().collect();
    differ.extend(
        after.linked.units.iter().copied().filter(|&unit| world.weight(unit) != changed.weight(unit)),
    );
    for unit in differ.iter() {
        let is_measured = world.is_measured(unit) || changed.is_measured(unit);
        let bytes =
            world.weight(unit).abs_diff(if after.linked.contains(unit) { changed.weight(unit) } else { 0 });
        if is_measured {
            slack += bytes / 200;
        } else {
            slack += bytes / 5;
            let is_new = changed.new_unit(unit).is_some();
            if !is_new {
                provenance = Provenance::Estimated;
            }
        }
    }
    let alloc = before.alloc as i64 - after.alloc as i64;
    let strippable = before.strippable as i64 - after.strippable as i64;
    let slack = slack as i64;
    let saved = Saving {
        alloc,
        stripped: alloc,
        unstripped: alloc + strippable,
        low: alloc - slack,
        high: alloc + slack,
    };
    Effect { saved, provenance, dropped, added }
}
