//! What a program is once some plans are carried out: linked as the linker would, or only its bytes.
//!
//! Bytes alone are asked for again and again, for every draft and at every step of the joint choice: [`Line`] answers from
//! what is kept, without order and reasons ([`Reach`]). What is shown is linked in full.

use super::plan::LinkChange;
use super::world::World;
use crate::base::{IdSet, Idx, UnitId};
use crate::link::{ArchiveInput, Asked, Held, LinkInput, LinkedSet, Links, Reach, Spot, link};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cell::RefCell;

impl World<'_> {
    /// Returns the command line of a program after all plans.
    fn link_input(&self, program: &LinkInput) -> LinkInput {
        let mut input = self.changed_input(program);
        for (i, new) in self.new_units.iter().enumerate().filter(|(_, new)| !new.is_gone) {
            let id = UnitId::new(self.n_real() + i);
            if let Some(at) = input.own.iter().position(|&unit| unit == new.host) {
                input.own.insert(at, id);
            } else {
                for archive in input.archives.iter_mut().filter(|archive| archive.members.contains(&new.host))
                {
                    archive.members.push(id);
                    archive.is_ordered = false;
                }
            }
        }
        // Rows of existing members may name others of the same archive that stood behind them.
        for archive in input.archives.iter_mut().filter(|archive| archive.is_ordered) {
            archive.is_ordered = !archive.members.iter().any(|&unit| self.is_affected(unit));
        }
        input
    }

    /// Returns the command line without the new units.
    fn changed_input(&self, program: &LinkInput) -> LinkInput {
        let mut input = program.clone();
        for change in &self.changes {
            self.change_input(&mut input, change);
        }
        input
    }

    fn change_input(&self, input: &mut LinkInput, change: &LinkChange) {
        input.linkall &= !change.no_linkall;
        change.unforced.iter().for_each(|&unit| {
            input.forced.remove(unit);
        });
        for &library in &change.relaxed {
            let units = &self.tree.project.library(library).units;
            for archive in &mut input.archives {
                archive.linkall &= !archive.members.first().is_some_and(|first| units.contains(first));
            }
        }
        if input.own.iter().any(|unit| change.to_library.contains(unit)) {
            let (members, own) = input.own.iter().partition(|unit| change.to_library.contains(unit));
            input.own = own;
            input.archives.push(ArchiveInput { members, is_ordered: false, linkall: false });
        }
    }

    /// Returns what the linker would keep of a program.
    pub(crate) fn link(&self, program: &LinkInput) -> LinkedSet {
        let input = self.link_input(program);
        let members = input.archives.iter().flat_map(|archive| &archive.members);
        let affected = members.chain(&input.own).chain(&input.tail).filter(|&&unit| self.is_affected(unit));
        let row = |&unit: &UnitId| {
            let mut row = Vec::new();
            self.add_row(unit, &mut row);
            row.sort_unstable();
            row.dedup();
            row.retain(|&used| used != unit);
            (unit, row)
        };
        let rows = affected.map(row).collect();
        link(&input, &Overlay { world: self, rows })
    }
}

/// The links of a world, those that plans have changed worked out.
struct Overlay<'w, 'a> {
    world: &'w World<'a>,
    rows: FxHashMap<UnitId, Vec<UnitId>>,
}

impl Links for Overlay<'_, '_> {
    fn n_units(&self) -> usize {
        self.world.n_real() + self.world.new_units.len()
    }
    fn links(&self, unit: UnitId) -> &[UnitId] {
        self.rows.get(&unit).map_or_else(|| self.world.used(unit), Vec::as_slice)
    }
}

/// A program's command line in some world, ready to be asked what further plans leave of it.
#[derive(Clone, Debug)]
pub(crate) struct Line<'p> {
    program: &'p LinkInput,
    reach: Reach,
    /// How many changes of the command line it has seen.
    n_changes: usize,
}

impl<'p> Line<'p> {
    pub(crate) fn new(world: &World<'_>, program: &'p LinkInput) -> Self {
        let reach = Reach::new(world.changed_input(program));
        Line { program, reach, n_changes: world.changes.len() }
    }

    /// Returns the bytes in the allocated sections of the units that a world links; the world is that of [`Line::new`], perhaps
    /// with more plans carried out.
    pub(crate) fn alloc(&self, world: &World<'_>) -> u64 {
        let mut alloc = 0;
        let line = self.within(world);
        let rows = Rows::default();
        let asking = Asking::new(world, &rows, &line.reach);
        let is_told = line.reach.each_kept(&asking, |unit| alloc += world.weight(unit));
        if is_told { alloc } else { world.total(&world.link(self.program)) }
    }

    /// Returns what hangs on each unit that is linked as things are; none where that cannot be told.
    pub(crate) fn held(&self, world: &World<'_>) -> Option<Held> {
        self.reach.held(&Asking::new(world, &Rows::default(), &self.reach))
    }

    /// Returns the units that a world links once a plan that changes `pivot` is carried out, but for those of `held` that do not
    /// hang on it.
    pub(crate) fn left(&self, held: &Held, pivot: UnitId, world: &World<'_>, rows: &Rows) -> IdSet<UnitId> {
        let asking = Asking::new(world, rows, &self.reach);
        let mut left = IdSet::with_room(asking.n_units());
        let users = world.users(pivot);
        self.reach.each_left(held, pivot, users, false, &asking, |unit| _ = left.insert(unit));
        left
    }

    /// Returns the units that a world links. `rows` are those of this world, which other programs may have asked for.
    pub(crate) fn kept(&self, world: &World<'_>, rows: &Rows) -> IdSet<UnitId> {
        let line = self.within(world);
        let kept = line.reach.kept(&Asking::new(world, rows, &line.reach));
        kept.unwrap_or_else(|| world.link(self.program).members)
    }

    /// The same line after what plans have changed of it since.
    fn within(&self, world: &World<'_>) -> Cow<'_, Self> {
        let is_same = world.changes.len() == self.n_changes;
        if is_same { Cow::Borrowed(self) } else { Cow::Owned(Line::new(world, self.program)) }
    }
}

/// The rows of one world that had to be worked out, where they are kept.
#[derive(Default)]
pub(crate) struct Rows(Option<RefCell<FxHashMap<UnitId, Box<[UnitId]>>>>);

impl Rows {
    /// Keeps rows, for more than one program.
    pub(crate) fn kept() -> Self {
        Rows(Some(RefCell::default()))
    }
}

/// A world as it is asked by [`Reach`].
struct Asking<'w, 'a> {
    world: &'w World<'a>,
    rows: &'w Rows,
    /// Where the new units stand.
    spots: Vec<Spot>,
    given: Vec<UnitId>,
}

impl<'w, 'a> Asking<'w, 'a> {
    fn new(world: &'w World<'a>, rows: &'w Rows, reach: &Reach) -> Self {
        let spots: Vec<Spot> = world
            .new_units
            .iter()
            .map(|new| if new.is_gone { Spot::None } else { reach.spot(new.host) })
            .collect();
        let given = (0..spots.len()).filter(|&i| spots[i] == Spot::Given);
        let given = given.map(|i| UnitId::new(world.n_real() + i)).collect();
        Asking { world, rows, spots, given }
    }
}

impl Asked for Asking<'_, '_> {
    fn row(&self, unit: UnitId, row: &mut Vec<UnitId>) {
        let Some(rows) = &self.rows.0 else { return self.world.add_row(unit, row) };
        if let Some(known) = rows.borrow().get(&unit) {
            return row.extend_from_slice(known);
        }
        self.world.add_row(unit, row);
        row.sort_unstable();
        row.dedup();
        rows.borrow_mut().insert(unit, row.as_slice().into());
    }
    fn known(&self, unit: UnitId) -> Option<&[UnitId]> {
        self.world.known_row(unit)
    }
    fn n_units(&self) -> usize {
        self.world.n_real() + self.spots.len()
    }
    fn spot(&self, unit: UnitId) -> Spot {
        let new = unit.idx().checked_sub(self.world.n_real());
        new.and_then(|i| self.spots.get(i).copied()).unwrap_or(Spot::None)
    }
    fn given(&self) -> &[UnitId] {
        &self.given
    }
    fn is_mixed(&self, archive: usize, members: &[UnitId]) -> bool {
        let is_here = |spot: &Spot| matches!(spot, Spot::Member(of, _) if *of as usize == archive);
        self.spots.iter().any(is_here) || members.iter().any(|&unit| self.world.is_affected(unit))
    }
}
