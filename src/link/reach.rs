//! Which units a changed program would keep, asked many times over: the same rule as [`link`](fn@super::link) without order,
//! reasons or what is missing.
//!
//! What does not change from question to question, the command line, is looked through once ([`Reach::new`]); a question costs
//! what is kept and its links, whatever else the archives hold. Buffers are those of the thread that asks.

use super::input::{ArchiveInput, LinkInput, Links};
use crate::base::{IdSet, Idx, UnitId};
use std::cell::RefCell;
use std::collections::BinaryHeap;

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
    given: Vec<UnitId>,
    archives: Vec<ArchiveInput>,
    spots: Vec<Spot>,
    /// For each archive, the members that are kept whatever is asked for.
    always: Vec<Vec<UnitId>>,
    /// Whether every unit stands in one place only; else there is no answer.
    is_plain: bool,
}

impl Reach {
    /// Looks a command line through.
    #[must_use]
    pub fn new(input: LinkInput) -> Self {
        let LinkInput { archives, own, tail, forced, linkall } = input;
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
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// The buffers of a scan. Marks are those of the scan whose number they hold, so that none has to be wiped.
#[derive(Default)]
struct Scratch {
    number: u32,
    kept: Vec<u32>,
    asked: Vec<u32>,
    /// For each archive, the members asked for from its right.
    waiting: Vec<Vec<UnitId>>,
    todo: Vec<UnitId>,
    heap: BinaryHeap<(u32, UnitId)>,
    row: Vec<UnitId>,
}

impl Scratch {
    fn scan(&mut self, reach: &Reach, asked: &impl Asked, mut found: impl FnMut(UnitId)) {
        let n_archives = reach.archives.len();
        self.begin(asked.n_units().max(reach.spots.len()), n_archives);
        for &unit in reach.given.iter().chain(asked.given()) {
            self.keep(unit, &mut found);
        }
        self.follow(reach, asked, n_archives, &mut found);
        for (a, archive) in reach.archives.iter().enumerate().rev() {
            let mut waiting = std::mem::take(&mut self.waiting[a]);
            let is_empty = waiting.is_empty() && reach.always[a].is_empty();
            if !is_empty && archive.is_ordered && !asked.is_mixed(a, &archive.members) {
                let all = waiting.iter().chain(&reach.always[a]);
                self.heap.extend(all.filter_map(|&unit| match reach.spot(unit) {
                    Spot::Member(_, at) => Some((at, unit)),
                    _ => None,
                }));
                self.ordered(reach, asked, a, &mut found);
            } else {
                for &unit in waiting.iter().chain(&reach.always[a]) {
                    self.keep(unit, &mut found);
                }
                self.follow(reach, asked, a, &mut found);
            }
            waiting.clear();
            self.waiting[a] = waiting;
        }
    }

    fn begin(&mut self, n_units: usize, n_archives: usize) {
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            // After four billion scans, old marks could be taken for new ones.
            self.kept.clear();
            self.asked.clear();
            self.number = 1;
        }
        if self.kept.len() < n_units {
            self.kept.resize(n_units, 0);
            self.asked.resize(n_units, 0);
        }
        if self.waiting.len() < n_archives {
            self.waiting.resize(n_archives, Vec::new());
        }
        self.waiting.iter_mut().for_each(Vec::clear);
        self.todo.clear();
        self.heap.clear();
    }

    fn keep(&mut self, unit: UnitId, found: &mut impl FnMut(UnitId)) {
        if std::mem::replace(&mut self.kept[unit.idx()], self.number) != self.number {
            found(unit);
            self.todo.push(unit);
        }
    }

    /// Asks for what the units on the list record; members of archive `a` are kept at once. Ends because a unit is kept once.
    fn follow(&mut self, reach: &Reach, asked: &impl Asked, a: usize, found: &mut impl FnMut(UnitId)) {
        while let Some(unit) = self.todo.pop() {
            let mut row = std::mem::take(&mut self.row);
            for &used in row_of(asked, unit, &mut row) {
                match spot(reach, asked, used) {
                    Spot::Member(of, _) if of as usize == a => self.keep(used, found),
                    Spot::Member(of, _) if (of as usize) < a => self.ask(used, of),
                    // Passed already, or not to be found: the linker stops there, or has it.
                    _ => {}
                }
            }
            self.row = row;
        }
    }

    /// Keeps members of archive `a` from its last to its first; each asks for those before it.
    fn ordered(&mut self, reach: &Reach, asked: &impl Asked, a: usize, found: &mut impl FnMut(UnitId)) {
        while let Some((at, unit)) = self.heap.pop() {
            if std::mem::replace(&mut self.kept[unit.idx()], self.number) == self.number {
                continue;
            }
            found(unit);
            let mut row = std::mem::take(&mut self.row);
            for &used in row_of(asked, unit, &mut row) {
                match spot(reach, asked, used) {
                    Spot::Member(of, position) if of as usize == a && position < at => {
                        self.heap.push((position, used));
                    }
                    Spot::Member(of, _) if (of as usize) < a => self.ask(used, of),
                    _ => {}
                }
            }
            self.row = row;
        }
    }

    fn ask(&mut self, unit: UnitId, archive: u32) {
        if std::mem::replace(&mut self.asked[unit.idx()], self.number) != self.number {
            self.waiting[archive as usize].push(unit);
        }
    }
}

/// What a unit records, put together in `row` where it has to be.
fn row_of<'r>(asked: &'r impl Asked, unit: UnitId, row: &'r mut Vec<UnitId>) -> &'r [UnitId] {
    asked.known(unit).unwrap_or_else(|| {
        row.clear();
        asked.row(unit, row);
        row
    })
}

fn spot(reach: &Reach, asked: &impl Asked, unit: UnitId) -> Spot {
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
