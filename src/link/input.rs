//! The linker's command line as ids, and the links between units, with what-if changes on top.

use crate::base::{IdSet, Idx, UnitId, name};
use crate::graph::Graph;
use crate::project::{LibraryOrigin, Program, Project};
use rustc_hash::FxHashMap;

/// One archive on the linker's command line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ArchiveInput {
    /// Its units; in link order when `is_ordered`, in any order otherwise.
    pub members: Vec<UnitId>,
    /// Whether the order of `members` is the archive's. Where nothing is built yet the order is the build's to choose, and
    /// every build system chooses one that links: members may then require each other freely.
    pub is_ordered: bool,
    /// Whether all its members are kept.
    pub linkall: bool,
}

/// What is linked: the command line of the linker, left to right `archives`, `own`, `tail`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LinkInput {
    /// Archives in order, the standard library first.
    pub archives: Vec<ArchiveInput>,
    /// The program's own units, in order: given by themselves, so always kept.
    pub own: Vec<UnitId>,
    /// Units given by themselves behind the program: `Std_exit`.
    pub tail: Vec<UnitId>,
    /// Units that are kept as soon as their archive is on the command line.
    pub forced: IdSet<UnitId>,
    /// Units that this program has others in place of: whatever records them means those ([`Project::stand_ins`]).
    pub replaced: IdSet<UnitId>,
    /// Whether `-linkall` is given.
    pub linkall: bool,
}

impl LinkInput {
    /// Reads the command line of a program off its project.
    ///
    /// Units without code (an interface alone) are in no archive. `Std_exit` stands behind the program and not in its library.
    /// A virtual library has no archive: its units are in that of the library that implements it.
    #[must_use]
    pub fn of_program(project: &Project, program: &Program) -> Self {
        let std_exit = name("Std_exit");
        let mut input =
            LinkInput { own: program.own_units.clone(), linkall: program.linkall, ..LinkInput::default() };
        let libraries = || program.libraries.iter().map(|&library| project.library(library));
        for &id in &program.libraries {
            if libraries().any(|other| other.implements == Some(id)) {
                continue;
            }
            let library = project.library(id);
            let of = library.implements.filter(|of| program.libraries.contains(of));
            let units =
                || of.into_iter().flat_map(|of| &project.library(of).units).chain(&library.units).copied();
            let is_tail =
                |unit: UnitId| library.origin == LibraryOrigin::Stdlib && project.unit(unit).name == std_exit;
            let has_code = |unit: UnitId| project.unit(unit).has_code();
            let members = units().filter(|&unit| has_code(unit) && !is_tail(unit)).collect();
            input.tail.extend(units().filter(|&unit| is_tail(unit)));
            input.forced.extend(units().filter(|&unit| project.unit(unit).forced));
            // In which order it has the units of both, its own list does not tell.
            let is_own = |unit: UnitId| project.unit(unit).library == id;
            let is_ordered =
                !library.archives.is_empty() && units().filter(|&unit| has_code(unit)).all(is_own);
            input.archives.push(ArchiveInput { members, is_ordered, linkall: library.linkall });
        }
        let is_there = |unit: &UnitId| program.libraries.contains(&project.unit(*unit).library);
        for (&first, others) in &project.stand_ins {
            let all = || std::iter::once(first).chain(others.iter().copied());
            if all().any(|unit| is_there(&unit)) {
                input.replaced.extend(all().filter(|unit| !is_there(unit)));
            }
        }
        input
    }
}

/// The links between units: for each, the other units that it records.
pub trait Links {
    /// Returns a number that is greater than every id.
    fn n_units(&self) -> usize;
    /// Returns the units that `unit` records, in a fixed order.
    fn links(&self, unit: UnitId) -> &[UnitId];
}

/// Links as a table: one row for each unit, by id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LinkTable {
    /// For each unit, the units that it records.
    pub rows: Vec<Vec<UnitId>>,
}

impl LinkTable {
    /// Copies the unit graph of `graph`, places left out.
    #[must_use]
    pub fn of_graph(graph: &Graph) -> Self {
        let row = |links: &Vec<(UnitId, Option<u32>)>| links.iter().map(|&(unit, _)| unit).collect();
        LinkTable { rows: graph.units.links.iter().map(row).collect() }
    }
}

impl Links for LinkTable {
    fn n_units(&self) -> usize {
        self.rows.iter().flatten().map(|unit| unit.idx() + 1).max().unwrap_or(0).max(self.rows.len())
    }
    fn links(&self, unit: UnitId) -> &[UnitId] {
        self.rows.get(unit.idx()).map_or(&[], Vec::as_slice)
    }
}

/// Links with some rows replaced: a what-if. New units take ids from [`Links::n_units`] of the base upwards.
#[derive(Clone, Debug)]
pub struct Changed<'a, L> {
    base: &'a L,
    rows: FxHashMap<UnitId, Vec<UnitId>>,
    n_units: usize,
}

impl<'a, L: Links> Changed<'a, L> {
    /// Starts from `base`, with nothing changed.
    #[must_use]
    pub fn new(base: &'a L) -> Self {
        Changed { base, rows: FxHashMap::default(), n_units: base.n_units() }
    }
    /// Replaces what `unit`, old or new, records.
    pub fn set(&mut self, unit: UnitId, links: Vec<UnitId>) {
        let highest = links.iter().map(|unit| unit.idx()).max().unwrap_or(0).max(unit.idx());
        self.n_units = self.n_units.max(highest + 1);
        self.rows.insert(unit, links);
    }
    /// Forgets the replacement for `unit`.
    pub fn reset(&mut self, unit: UnitId) {
        self.rows.remove(&unit);
    }
    /// Makes a unit that does not exist yet.
    pub fn add(&mut self, links: Vec<UnitId>) -> UnitId {
        let unit = UnitId::new(self.n_units);
        self.set(unit, links);
        unit
    }
}

impl<L: Links> Links for Changed<'_, L> {
    fn n_units(&self) -> usize {
        self.n_units
    }
    fn links(&self, unit: UnitId) -> &[UnitId] {
        self.rows.get(&unit).map_or_else(|| self.base.links(unit), Vec::as_slice)
    }
}
