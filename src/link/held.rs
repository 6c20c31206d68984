//! What hangs on each unit of a program alone, and what of it is left when the unit changes.
//!
//! Where one unit records less, or its users record something else instead of it, only what hangs on it can leave: all that is
//! reached by ways around it stays. So a question about such a change costs what hangs on the unit, however big the program is.
//! Immediate dominators of what is kept ([`Reach`]) tell which units those are.

use super::reach::{Asked, Reach, SCRATCH, Scratch, Spot, row_of, spot};
use crate::base::{Idx, UnitId};
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};
use std::ops::Range;

/// The kept units of a program, in an order in which all that hangs on one comes behind it.
#[derive(Clone, Debug, Default)]
pub struct Held {
    order: Vec<UnitId>,
    /// For each unit, by id, where in `order` it and all that hangs on it stand; empty for one that is not kept.
    places: Vec<Range<u32>>,
    /// Whether no link leads against the order of an archive, so that it makes no difference when that order is given up.
    pub(crate) is_in_order: bool,
}

impl Held {
    /// Returns the units that would not be kept without `unit`, itself first; none when it is not kept either.
    #[must_use]
    pub fn behind(&self, unit: UnitId) -> &[UnitId] {
        let place = self.place(unit);
        &self.order[place.start as usize..place.end as usize]
    }

    fn place(&self, unit: UnitId) -> Range<u32> {
        self.places.get(unit.idx()).cloned().unwrap_or(0..0)
    }
}

impl Reach {
    /// Returns what hangs on each unit; none where what is kept cannot be told.
    #[must_use]
    pub fn held(&self, asked: &impl Asked) -> Option<Held> {
        let mut kept = Vec::new();
        self.each_kept(asked, |unit| kept.push(unit)).then_some(())?;
        // Its position is a unit's node; the node behind all stands for the command line.
        let root = kept.len() as u32;
        let n_units = asked.n_units().max(self.spots.len());
        let mut node = vec![root; n_units];
        (0u32..).zip(&kept).for_each(|(i, &unit)| node[unit.idx()] = i);
        let mut graph = DiGraph::<(), (), u32>::with_capacity(kept.len() + 1, kept.len() * 8);
        (0..=root).for_each(|_| _ = graph.add_node(()));
        for unit in self.given.iter().chain(asked.given()).chain(self.always.iter().flatten()) {
            graph.add_edge(root.into(), node[unit.idx()].into(), ());
        }
        let mut is_free = vec![None; self.archives.len()];
        let mut is_in_order = true;
        let mut row = Vec::new();
        for (i, &unit) in (0u32..).zip(&kept) {
            let from = spot(self, asked, unit);
            for &used in row_of(asked, unit, &mut row) {
                let to = spot(self, asked, used);
                is_in_order &= !self.is_against_order(from, to);
                if node[used.idx()] != root && self.counts(asked, from, to, &mut is_free) {
                    graph.add_edge(i.into(), node[used.idx()].into(), ());
                }
            }
        }
        let dominators = simple_fast(&graph, root.into());
        let over = |i: u32| {
            dominators.immediate_dominator(NodeIndex::from(i)).map_or(root as usize, NodeIndex::index)
        };
        let mut inside: Vec<Vec<u32>> = vec![Vec::new(); kept.len() + 1];
        (0..root).for_each(|i| inside[over(i)].push(i));
        let mut held =
            Held { order: Vec::with_capacity(kept.len()), places: vec![0..0; n_units], is_in_order };
        // Each unit is met twice: before what hangs on it, and behind that.
        let mut todo: Vec<(u32, bool)> = inside[root as usize].iter().map(|&i| (i, false)).collect();
        while let Some((i, is_done)) = todo.pop() {
            let unit = kept[i as usize];
            if is_done {
                held.places[unit.idx()].end = held.order.len() as u32;
                continue;
            }
            held.places[unit.idx()].start = held.order.len() as u32;
            held.order.push(unit);
            todo.push((i, true));
            todo.extend(inside[i as usize].iter().map(|&inner| (inner, false)));
        }
        Some(held)
    }

    fn is_against_order(&self, from: Spot, to: Spot) -> bool {
        match (from, to) {
            (Spot::Member(a, from), Spot::Member(b, to)) => {
                a == b && to > from && self.archives[a as usize].is_ordered
            }
            _ => false,
        }
    }

    /// Calls `found` with each unit that is kept when `pivot` has changed, but for those of `held` that do not hang on it. Of all
    /// others that were kept, only `users` record other units, and of those that they did only the pivot may be gone. `is_kept` says
    /// that the pivot is kept in any case.
    pub fn each_left(
        &self,
        held: &Held,
        pivot: UnitId,
        users: &[UnitId],
        is_kept: bool,
        asked: &impl Asked,
        found: impl FnMut(UnitId),
    ) {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.scan_behind(self, held, (pivot, is_kept), users, asked, found)
        });
    }

    fn is_always_kept(&self, unit: UnitId) -> bool {
        match self.spot(unit) {
            Spot::None => false,
            Spot::Given => true,
            Spot::Member(archive, _) => self.always[archive as usize].contains(&unit),
        }
    }
}

impl Scratch {
    fn scan_behind(
        &mut self,
        reach: &Reach,
        held: &Held,
        (pivot, is_kept): (UnitId, bool),
        users: &[UnitId],
        asked: &impl Asked,
        mut found: impl FnMut(UnitId),
    ) {
        self.begin(asked.n_units().max(reach.spots.len()), reach.archives.len());
        let behind = held.place(pivot);
        // Kept before, and still.
        let stays = |unit: UnitId| {
            let place = held.place(unit);
            !place.is_empty() && !behind.contains(&place.start)
        };
        if is_kept || reach.is_always_kept(pivot) {
            self.keep(pivot, &mut found);
        }
        for &unit in asked.given().iter().filter(|&&unit| !stays(unit)) {
            self.keep(unit, &mut found);
        }
        let mut row = std::mem::take(&mut self.row);
        let mut users = users.iter().copied().filter(|&user| stays(user));
        while let Some(unit) = users.next().or_else(|| self.todo.pop()) {
            let from = spot(reach, asked, unit);
            for &used in row_of(asked, unit, &mut row) {
                if self.kept[used.idx()] != self.number
                    && !stays(used)
                    && reach.counts(asked, from, spot(reach, asked, used), &mut self.is_free)
                {
                    self.keep(used, &mut found);
                }
            }
        }
        self.row = row;
    }
}
