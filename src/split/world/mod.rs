//! The changed graph: what every unit would record once some plans are carried out, and what a program would then be.
//!
//! Nothing is copied: a world is the real graph with an overlay. A plan changes where definitions live, which paths lead to
//! another unit, and which edges are gone; the rows of the units that this touches are computed anew from the edges of the
//! definitions that they hold, when somebody asks. A row is what the compiler would record:
//!
//! * a reference to a definition of the same old unit goes to wherever that definition lives now;
//! * a reference through an alias line goes to what the alias stands for;
//! * a reference to a moved definition from elsewhere goes to the old unit, which re-exports it, unless the plan rewrites
//!   clients;
//! * who includes a module gets a copy of it, so whoever includes a changed unit keeps all that it had.
//!
//! | file | what it does |
//! | --- | --- |
//! | `apply` | carries out plans, and takes them back |
//! | `row` | what units record then |
//! | `path` | where a reference leads then |
//! | `references` | the references by which linked units link one |

mod apply;
mod path;
mod references;
mod row;

use super::plan::LinkChange;
use super::prices::Prices;
use super::rows::Rows;
use crate::base::{DefId, IdSet, Idx, Name, UnitId};
use crate::graph::{EdgeKind, Graph};
use crate::link::LinkedSet;
use crate::parse::FileFacts;
use crate::project::Project;
use crate::size::{Provenance, UnitSize};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock};

/// What the stages before say of the whole tree.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    /// Files, units, libraries.
    pub project: &'a Project,
    /// Definitions and edges.
    pub graph: &'a Graph,
    /// Facts by file; none for files that were not read.
    pub facts: &'a [Option<Arc<FileFacts>>],
    /// Bytes.
    pub prices: &'a Prices<'a>,
}

impl<'a> Tree<'a> {
    /// Returns the facts of a file.
    pub(crate) fn facts(&self, file: crate::base::FileId) -> Option<&'a FileFacts> {
        self.facts.get(file.idx())?.as_deref()
    }
    /// Returns a unit's name.
    pub(crate) fn unit_name(&self, unit: UnitId) -> &'a str {
        let name: &'a Name = &self.project.unit(unit).name;
        name.as_str()
    }
}

/// A unit that does not exist yet.
#[derive(Clone, Debug)]
pub(crate) struct NewUnit {
    pub(crate) name: String,
    /// The unit whose archive it goes to.
    pub(crate) host: UnitId,
    defs: Vec<DefId>,
    /// Whether they call C code, or may, once somebody has asked.
    calls_c: OnceLock<bool>,
    /// Links that no definition of its own asks for: what it includes.
    fixed_links: Vec<UnitId>,
    weight: u64,
    strippable: u64,
    /// Bytes of the definitions that it holds, as they were.
    pub(crate) moved: u64,
    /// Whether its plan was taken back.
    pub(crate) is_gone: bool,
}

/// A path of a unit that leads elsewhere.
#[derive(Clone, Copy, Debug)]
struct Rule {
    path: Name,
    unit: UnitId,
    rest: Name,
    /// Whether the path is a mere name now: who includes the unit has nothing to copy, so must link what it stands for.
    is_alias: bool,
}

/// The real graph with plans carried out.
#[derive(Clone)]
pub(crate) struct World<'a> {
    pub(crate) tree: Tree<'a>,
    real: &'a Rows<'a>,
    pub(super) new_units: Vec<NewUnit>,
    /// What new units record, those whose definitions moved, and those with edges that are gone; worked out when somebody asks.
    /// What others record follows from `changed`.
    rows: FxHashMap<UnitId, OnceLock<Box<[UnitId]>>>,
    /// Units with aliases that lead elsewhere, or definitions that have left.
    changed: IdSet<UnitId>,
    /// Units that may record others than they do: those of `rows`, and who records one of `changed`.
    affected: IdSet<UnitId>,
    weights: FxHashMap<UnitId, u64>,
    strippable: FxHashMap<UnitId, u64>,
    home: FxHashMap<DefId, UnitId>,
    /// For definitions whose clients are rewritten: the unit that they name.
    public: FxHashMap<DefId, UnitId>,
    /// Units whose clients are rewritten, those left out that link something which stays.
    rewritten: IdSet<UnitId>,
    rules: FxHashMap<UnitId, Vec<Rule>>,
    /// Links that a unit has whatever its definitions say: included parts.
    fixed_links: FxHashMap<UnitId, Vec<UnitId>>,
    cut: FxHashSet<u32>,
    /// Packs whose members are units of their own.
    unpacked: IdSet<UnitId>,
    pub(super) changes: Vec<LinkChange>,
}

impl<'a> World<'a> {
    pub(crate) fn new(tree: Tree<'a>, real: &'a Rows<'a>) -> Self {
        World {
            tree,
            real,
            new_units: Vec::new(),
            rows: FxHashMap::default(),
            changed: IdSet::default(),
            affected: IdSet::default(),
            weights: FxHashMap::default(),
            strippable: FxHashMap::default(),
            home: FxHashMap::default(),
            public: FxHashMap::default(),
            rewritten: IdSet::default(),
            rules: FxHashMap::default(),
            fixed_links: FxHashMap::default(),
            cut: FxHashSet::default(),
            unpacked: IdSet::default(),
            changes: Vec::new(),
        }
    }

    pub(super) fn n_real(&self) -> usize {
        self.tree.graph.units.links.len().max(self.tree.project.units.len())
    }

    /// Returns the edges by which a unit links another one as things are, in order.
    pub(crate) fn edges(&self, from: UnitId, to: UnitId) -> &[u32] {
        self.real.edges(from, to)
    }

    /// Returns the units that a unit records as things are.
    pub(crate) fn used(&self, unit: UnitId) -> &[UnitId] {
        self.real.used(unit)
    }

    /// Returns the units that record a unit as things are, in order.
    pub(crate) fn users(&self, unit: UnitId) -> &[UnitId] {
        self.real.users(unit)
    }

    /// Returns the unit that holds a definition.
    pub(crate) fn holder(&self, def: DefId) -> UnitId {
        self.home.get(&def).copied().unwrap_or(self.tree.graph.def(def).unit)
    }

    /// Returns a new unit; none for one that exists.
    pub(crate) fn new_unit(&self, unit: UnitId) -> Option<&NewUnit> {
        self.new_units.get(unit.idx().checked_sub(self.n_real())?)
    }

    /// Returns a unit's name, new ones included.
    pub(crate) fn unit_name(&self, unit: UnitId) -> &str {
        self.new_unit(unit).map_or_else(|| self.tree.unit_name(unit), |new| new.name.as_str())
    }

    /// Returns the bytes of a unit as it is now.
    pub(crate) fn weight(&self, unit: UnitId) -> u64 {
        match self.new_unit(unit) {
            Some(new) => new.weight,
            None => self.weights.get(&unit).copied().unwrap_or_else(|| self.tree.prices.unit(unit)),
        }
    }

    /// Returns what stripping removes of a unit as it is now.
    pub(crate) fn strippable(&self, unit: UnitId) -> u64 {
        match self.new_unit(unit) {
            Some(new) => new.strippable,
            None => self.strippable.get(&unit).copied().unwrap_or_else(|| self.tree.prices.strippable(unit)),
        }
    }

    /// Whether the bytes of a unit as it is now are read from an object file.
    pub(crate) fn is_measured(&self, unit: UnitId) -> bool {
        self.new_unit(unit).is_none()
            && !self.weights.contains_key(&unit)
            && self.tree.prices.provenance(unit) == Provenance::Measured
    }

    /// Returns the existing units whose object files tell what some units ask for besides, each once.
    pub(crate) fn with_objects(&self, linked: impl Iterator<Item = UnitId>) -> Vec<UnitId> {
        let mut units: Vec<UnitId> = Vec::new();
        let mut hosts: Vec<UnitId> = Vec::new();
        for unit in linked {
            match self.new_unit(unit) {
                None if hosts.contains(&unit) => {}
                None => units.push(unit),
                // C code is asked for by the code that was moved; which part of the host's, its object file does not tell.
                Some(new) if self.calls_c(new) && !units.contains(&new.host) => {
                    hosts.push(new.host);
                    units.push(new.host);
                }
                Some(_) => {}
            }
        }
        units
    }

    /// Whether the object files of the units that stay tell all that they and some added units ask for.
    pub(crate) fn asks_for_no_more(&self, added: &[UnitId], stays: impl Fn(UnitId) -> bool) -> bool {
        let is_told = |new: &NewUnit| stays(new.host) || !self.calls_c(new);
        added.iter().all(|&unit| self.new_unit(unit).is_some_and(is_told))
    }

    fn calls_c(&self, new: &NewUnit) -> bool {
        let graph = self.tree.graph;
        let calls_c = |def: &DefId| graph.edges_of(*def).iter().any(|edge| edge.kind == EdgeKind::CExternal);
        let may_box = || {
            let host = self.tree.prices.files.and_then(|(_, objects)| objects.unit(new.host));
            !new.defs.is_empty() && host.is_some_and(UnitSize::has_boxed_integers)
        };
        *new.calls_c.get_or_init(|| new.defs.iter().any(calls_c) || may_box())
    }

    /// The existing units whose figures are others than they were.
    pub(crate) fn reweighed(&self) -> impl Iterator<Item = UnitId> + '_ {
        let others = self.strippable.keys().filter(|unit| !self.weights.contains_key(*unit));
        self.weights.keys().chain(others).copied()
    }

    /// Returns the bytes of the units of a linked set in the allocated sections.
    pub(crate) fn total(&self, linked: &LinkedSet) -> u64 {
        linked.units.iter().map(|&unit| self.weight(unit)).sum()
    }
}
