//! The price of a plan: the program relinked, and the difference.
//!
//! The interval covers what is not measured: a unit without object file may be a fifth off, and so may what a new unit costs
//! beside the code that moves into it; that code may change by a fiftieth.

use super::linking::{Line, Rows};
use super::model::Saving;
use super::plan::Plan;
use super::world::World;
use crate::base::{IdSet, Idx, UnitId};
use crate::link::{Held, LinkedSet};
use crate::size::Provenance;
use std::sync::OnceLock;

/// A program as things are.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) linked: LinkedSet,
    pub(crate) alloc: u64,
    /// For each unit, by id, its place in link order.
    places: Vec<u32>,
    /// What hangs on each unit, once somebody has asked; none where that cannot be told.
    held: OnceLock<Option<Held>>,
}

impl State {
    pub(crate) fn new(world: &World<'_>, linked: LinkedSet) -> Self {
        let alloc = world.total(&linked);
        let mut places = vec![u32::MAX; world.n_real()];
        (0u32..).zip(&linked.units).for_each(|(i, unit)| places[unit.idx()] = i);
        State { linked, alloc, places, held: OnceLock::new() }
    }

    /// Returns what hangs on each unit of the program as it is; none where that cannot be told.
    pub(crate) fn held(&self, world: &World<'_>, line: &Line<'_>) -> Option<&Held> {
        // Where an archive may lose its order, a link against that order may count from then on.
        let held = || line.held(world).filter(|held| held.is_in_order);
        self.held.get_or_init(held).as_ref()
    }

    /// Returns the place of a linked unit in link order.
    pub(crate) fn place(&self, unit: UnitId) -> u32 {
        self.places[unit.idx()]
    }

    /// The units that leave with a plan, in link order, and those that come, by id. What hangs on the unit that it changes tells,
    /// or else the whole program.
    fn difference(
        &self,
        world: &World<'_>,
        plan: Option<&Plan>,
        changed: &World<'_>,
        rows: &Rows,
        program: &Line<'_>,
    ) -> (Vec<UnitId>, Vec<UnitId>) {
        let before = &self.linked;
        let come = |after: &IdSet<UnitId>| after.iter().filter(|&unit| !before.contains(unit)).collect();
        if let Some(pivot) = plan.and_then(|plan| plan.pivot(changed.tree.graph))
            && before.contains(pivot)
            && let Some(held) = self.held(world, program)
        {
            let after = program.left(held, pivot, changed, rows);
            let mut dropped: Vec<UnitId> =
                held.behind(pivot).iter().copied().filter(|&unit| !after.contains(unit)).collect();
            dropped.sort_unstable_by_key(|&unit| self.place(unit));
            return (dropped, come(&after));
        }
        let after = program.kept(changed, rows);
        (before.units.iter().copied().filter(|&unit| !after.contains(unit)).collect(), come(&after))
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
}

impl Effect {
    /// Compares a program in two worlds, the second of which has more plans carried out: `plan`, where it is one.
    pub(crate) fn between(
        world: &World<'_>,
        before: &State,
        changed: &World<'_>,
        plan: Option<&Plan>,
        rows: &Rows,
        program: &Line<'_>,
    ) -> Effect {
        let (dropped, added) = before.difference(world, plan, changed, rows, program);
        let mut effect =
            Effect { saved: Saving::default(), provenance: Provenance::Measured, dropped, added };
        effect.price(world, &before.linked, changed);
        effect
    }

    /// Whether a unit is linked then.
    pub(crate) fn links(&self, before: &LinkedSet, unit: UnitId) -> bool {
        self.added.contains(&unit) || before.contains(unit) && !self.dropped.contains(&unit)
    }

    /// The units that are linked then: first those that stay, in link order.
    pub(crate) fn after<'e>(&'e self, before: &'e LinkedSet) -> impl Iterator<Item = UnitId> + 'e {
        let mut dropped = self.dropped.iter().copied().peekable();
        let stays = before.units.iter().copied().filter(move |&unit| dropped.next_if_eq(&unit).is_none());
        stays.chain(self.added.iter().copied())
    }

    /// What a program saves, how far that may be off, and whether existing units were measured. Units that stay as they are make no
    /// difference.
    fn price(&mut self, world: &World<'_>, before: &LinkedSet, changed: &World<'_>) {
        let (mut alloc, mut strippable) = (0, 0);
        let mut slack = 0;
        let mut add = |unit: UnitId, was: bool, is: bool| {
            let old = if was { world.weight(unit) } else { 0 };
            let new = if is { changed.weight(unit) } else { 0 };
            alloc += old as i64 - new as i64;
            strippable += if was { world.strippable(unit) as i64 } else { 0 };
            strippable -= if is { changed.strippable(unit) as i64 } else { 0 };
            if old == new {
                return;
            }
            if let Some(added) = changed.new_unit(unit) {
                slack += added.moved / 50 + new.abs_diff(added.moved) / 5;
            } else if world.is_measured(unit) {
                // What is left of a measured unit is as exact as its definitions are placed.
                slack += if new > 0 { old.abs_diff(new) / 50 } else { old / 500 };
            } else {
                slack += old.abs_diff(new) / 5;
                self.provenance = Provenance::Estimated;
            }
        };
        self.dropped.iter().for_each(|&unit| add(unit, true, false));
        self.added.iter().for_each(|&unit| add(unit, false, true));
        let stays = |unit: &UnitId| before.contains(*unit) && !self.dropped.contains(unit);
        changed.reweighed().filter(stays).for_each(|unit| add(unit, true, true));
        let slack = slack as i64;
        self.saved = Saving {
            alloc,
            stripped: alloc,
            unstripped: alloc + strippable,
            low: alloc - slack,
            high: alloc + slack,
        };
    }
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
