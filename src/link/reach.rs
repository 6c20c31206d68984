//! Which units a changed program would keep, asked many times over: the same rule as [`link`](fn@super::link) without order,
//! reasons or what is missing.
//!
//! What does not change from question to question, the command line, is looked through once ([`Reach::new`]); a question costs
//! what is kept and its links, whatever else the archives hold. Buffers are those of the thread that asks.
//!
//! The linker reads from right to left, so a link counts when it leads to the left: to an archive that stands before, or inside
//! of one to a member that does. What is kept is what can be reached over such links, in whatever order they are followed.

use super::input::{ArchiveInput, LinkInput, Links};
use crate::base::{IdSet, Idx, UnitId};
use std::cell::RefCell;

/// Where a unit stands on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spot {
    /// Nowhere.
    None,
    /// By itself: it is always kept.
    Given,
    /// In an archive, an index of [`LinkInput::archives`], at a position.
    Member(u32, u32),
}

/// What would be linked, as far as a question changes it.
pub trait Asked {
    /// Adds to `row` the units that `unit` records.
    fn row(&self, unit: UnitId, row: &mut Vec<UnitId>);
    /// Returns the units that `unit` records, where they need not be put together.
    fn known(&self, _unit: UnitId) -> Option<&[UnitId]> {
        None
    }
    /// Returns a number that is greater than every id.
    fn n_units(&self) -> usize;
    /// Returns where a unit stands that is not on the command line: one that does not exist yet.
    fn spot(&self, _unit: UnitId) -> Spot {
        Spot::None
    }
    /// Returns the units that are not on the command line and yet given by themselves.
    fn given(&self) -> &[UnitId] {
        &[]
    }
    /// Whether some unit of an archive, of which these are the known ones, may now require one that stands behind it.
    fn is_mixed(&self, _archive: usize, _members: &[UnitId]) -> bool {
        false
    }
}

/// A command line, looked through.
#[derive(Clone, Debug)]
pub struct Reach {
    /// By themselves.
    pub(super) given: Vec<UnitId>,
    pub(super) archives: Vec<ArchiveInput>,
    pub(super) spots: Vec<Spot>,
    /// For each archive, the members that are kept whatever is asked for.
    pub(super) always: Vec<Vec<UnitId>>,
    /// Whether every unit stands in one place only; else there is no answer.
    is_plain: bool,
}

impl Reach {
    /// Looks a command line through.
    #[must_use]
    pub fn new(input: LinkInput) -> Self {
        let LinkInput { archives, own, tail, forced, linkall, replaced: _ } = input;
        let given: Vec<UnitId> = tail.into_iter().chain(own).collect();
        let mut reach = Reach { given, archives, spots: Vec::new(), always: Vec::new(), is_plain: true };
        for i in 0..reach.given.len() {
            reach.put(reach.given[i], Spot::Given);
        }
        for a in 0..reach.archives.len() {
            let is_all = linkall || reach.archives[a].linkall;
            let is_kept = |unit: &UnitId| is_all || forced.contains(*unit);
            let members = &reach.archives[a].members;
            reach.always.push(members.iter().copied().filter(is_kept).collect());
            for at in 0..members.len() {
                reach.put(reach.archives[a].members[at], Spot::Member(a as u32, at as u32));
            }
        }
        reach
    }

    fn put(&mut self, unit: UnitId, spot: Spot) {
        if self.spots.len() <= unit.idx() {
            self.spots.resize(unit.idx() + 1, Spot::None);
        }
        let slot = &mut self.spots[unit.idx()];
        self.is_plain &= *slot == Spot::None;
        *slot = spot;
    }

    /// Returns where a unit stands.
    #[must_use]
    pub fn spot(&self, unit: UnitId) -> Spot {
        self.spots.get(unit.idx()).copied().unwrap_or(Spot::None)
    }

    /// Calls `found` with every unit that the linker would keep, each once, in no order that means anything. Returns whether it
    /// could be told: not where a unit stands in several places.
    pub fn each_kept(&self, asked: &impl Asked, found: impl FnMut(UnitId)) -> bool {
        if self.is_plain {
            SCRATCH.with_borrow_mut(|scratch| scratch.scan(self, asked, found));
        }
        self.is_plain
    }

    /// Returns the units that the linker would keep; none where that cannot be told.
    #[must_use]
    pub fn kept(&self, asked: &impl Asked) -> Option<IdSet<UnitId>> {
        let mut kept = IdSet::with_room(asked.n_units());
        self.each_kept(asked, |unit| _ = kept.insert(unit)).then_some(kept)
    }

    /// Whether a link from a unit that is kept to one in an archive counts. What is known of archives whose order counts is
    /// kept in `is_free`.
    pub(super) fn counts(
        &self,
        asked: &impl Asked,
        from: Spot,
        to: Spot,
        is_free: &mut [Option<bool>],
    ) -> bool {
        match (from, to) {
            // Not to be found: the linker stops there; or kept in any case.
            (_, Spot::None | Spot::Given) => false,
            (Spot::Member(a, from), Spot::Member(b, to)) if a == b => {
                let archive = &self.archives[a as usize];
                to < from
                    || !archive.is_ordered
                    || *is_free[a as usize]
                        .get_or_insert_with(|| asked.is_mixed(a as usize, &archive.members))
            }
            // To its right: passed already.
            (Spot::Member(a, _), Spot::Member(b, _)) => b < a,
            (_, Spot::Member(..)) => true,
        }
    }
}

thread_local! {
    pub(super) static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// The buffers of a scan. Marks are those of the scan whose number they hold, so that none has to be wiped.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) number: u32,
    pub(super) kept: Vec<u32>,
    pub(super) todo: Vec<UnitId>,
    pub(super) is_free: Vec<Option<bool>>,
    pub(super) row: Vec<UnitId>,
}

impl Scratch {
    /// Follows the links of what is kept. Ends because a unit is kept once.
    fn scan(&mut self, reach: &Reach, asked: &impl Asked, mut found: impl FnMut(UnitId)) {
        self.begin(asked.n_units().max(reach.spots.len()), reach.archives.len());
        for &unit in reach.given.iter().chain(asked.given()).chain(reach.always.iter().flatten()) {
            self.keep(unit, &mut found);
        }
        let mut row = std::mem::take(&mut self.row);
        while let Some(unit) = self.todo.pop() {
            let from = spot(reach, asked, unit);
            for &used in row_of(asked, unit, &mut row) {
                // Most of what is recorded has been found already.
                if self.kept[used.idx()] != self.number
                    && reach.counts(asked, from, spot(reach, asked, used), &mut self.is_free)
                {
                    self.keep(used, &mut found);
                }
            }
        }
        self.row = row;
    }

    pub(super) fn begin(&mut self, n_units: usize, n_archives: usize) {
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            // After four billion scans, old marks could be taken for new ones.
            self.kept.clear();
            self.number = 1;
        }
        if self.kept.len() < n_units {
            self.kept.resize(n_units, 0);
        }
        self.is_free.clear();
        self.is_free.resize(n_archives, None);
        self.todo.clear();
    }

    pub(super) fn keep(&mut self, unit: UnitId, found: &mut impl FnMut(UnitId)) {
        if std::mem::replace(&mut self.kept[unit.idx()], self.number) != self.number {
            found(unit);
            self.todo.push(unit);
        }
    }
}

/// What a unit records, put together in `row` where it has to be.
pub(super) fn row_of<'r>(asked: &'r impl Asked, unit: UnitId, row: &'r mut Vec<UnitId>) -> &'r [UnitId] {
    asked.known(unit).unwrap_or_else(|| {
        row.clear();
        asked.row(unit, row);
        row
    })
}

pub(super) fn spot(reach: &Reach, asked: &impl Asked, unit: UnitId) -> Spot {
    match reach.spot(unit) {
        Spot::None => asked.spot(unit),
        spot => spot,
    }
}

/// Links of which those of one unit are others.
pub(crate) struct WithRow<'l, L> {
    pub(crate) links: &'l L,
    pub(crate) unit: UnitId,
    pub(crate) row: &'l [UnitId],
    pub(crate) n_units: usize,
}

impl<L: Links> WithRow<'_, L> {
    fn links_of(&self, unit: UnitId) -> &[UnitId] {
        if unit == self.unit { self.row } else { self.links.links(unit) }
    }
}

impl<L: Links> Asked for WithRow<'_, L> {
    fn row(&self, unit: UnitId, row: &mut Vec<UnitId>) {
        row.extend_from_slice(self.links_of(unit));
    }
    fn known(&self, unit: UnitId) -> Option<&[UnitId]> {
        Some(self.links_of(unit))
    }
    fn n_units(&self) -> usize {
        self.n_units
    }
}
