//! What code that runs at start-up does: nothing that anybody sees, something to itself, or something to others.
//!
//! From a definition that runs, every reference is taken for a call: to functions, into their texts, and so on. What that
//! reaches decides the class. A function that writes may write to what its callers name: a value that can be written to and
//! is named by code that calls something that writes counts as written to. Calls through mutable fields are not seen; the
//! code behind them is, where it is named.
//! APPROX: an exception that the code may raise at start-up does not count: the program would not have started.
//!
//! It ends because each definition is looked at once, and at most [`MAX_STEPS`] are.
//!
//! | file | what it does |
//! | --- | --- |
//! | `table` | what is known of standard code |
//! | `steps` | what one text does at once |
//! | `state` | which values can be written to |
//! | `partial` | functions that are given fewer arguments than they take |

mod partial;
mod state;
mod steps;
mod table;

use super::behind::{AllRunning, Behind, Reads, Units, all_running, classify};
use super::world::Tree;
use crate::base::{DefId, IdSet, Idx, Name, UnitId, name};
use crate::graph::Edge;
use crate::parse::{ItemKind, Shape};
use rustc_hash::FxHashMap;
use state::Answer;
use std::sync::{Arc, OnceLock};
use steps::{Steps, is_no_call};
use table::{Known, is_meant, table};

/// Definitions looked at for one that runs, at most; what needs more is unknown.
pub(super) const MAX_STEPS: usize = 6000;

/// What code does when it runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Class {
    /// It allocates and computes.
    Pure,
    /// It writes to state of its own unit.
    OwnState,
    /// It writes to state of another unit.
    Registers(UnitId),
    /// It does input or output, or calls C code that is not known.
    Outside(Name),
    /// It cannot be told.
    Unknown(Name),
}

/// Classifies definitions, each once.
///
/// What is found is kept by id and depends on the tree alone, so threads may share it and it does not matter which asks first.
pub(crate) struct Effects<'a> {
    pub(super) tree: Tree<'a>,
    judged: Vec<OnceLock<Box<Judged>>>,
    /// What the text of each definition does at once.
    steps: Vec<OnceLock<Box<Steps>>>,
    /// Whether a value holds state: for a definition of another unit, and for one of the own unit.
    holders: [Vec<Answer>; 2],
    /// Whether a value is a function that was given fewer arguments than it takes.
    partial: Vec<Answer>,
    /// What the code behind each definition does for other units than its own.
    pub(super) behind: Behind,
    /// What the code of units may reach, going by whole units.
    pub(super) units: Units,
    /// Of which other units code that runs may read state.
    reads: Reads,
    /// What is behind all code of each unit that runs.
    running: Vec<OnceLock<AllRunning>>,
    /// The units whose code each may reach at once.
    reached: Vec<OnceLock<Box<[UnitId]>>>,
    /// Whether the text of a unit assigns to fields.
    assigning: Vec<OnceLock<bool>>,
    /// Definitions inside each functor that run when it is applied.
    in_functor: FxHashMap<DefId, Vec<DefId>>,
}

impl<'a> Effects<'a> {
    pub(crate) fn new(tree: Tree<'a>) -> Self {
        let mut in_functor: FxHashMap<DefId, Vec<DefId>> = FxHashMap::default();
        for (i, def) in tree.graph.defs.iter().enumerate() {
            if let Some(functor) = def.in_functor
                && def.shape == Shape::Expr
            {
                in_functor.entry(functor).or_default().push(DefId(i as u32));
            }
        }
        let n_defs = tree.graph.defs.len();
        let unknown = || (0..n_defs).map(|_| Answer::default()).collect();
        Effects {
            tree,
            judged: (0..n_defs).map(|_| OnceLock::new()).collect(),
            steps: (0..n_defs).map(|_| OnceLock::new()).collect(),
            holders: [unknown(), unknown()],
            partial: unknown(),
            behind: Behind::new(n_defs),
            reads: Reads::default(),
            units: Units::new(tree.graph.defs_of_unit.len()),
            running: tree.project.units.iter().map(|_| OnceLock::new()).collect(),
            reached: tree.project.units.iter().map(|_| OnceLock::new()).collect(),
            assigning: tree.project.units.iter().map(|_| OnceLock::new()).collect(),
            in_functor,
        }
    }

    /// Whether a definition runs code when its unit is linked.
    pub(crate) fn runs(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        definition.runs && definition.in_functor.is_none() && !self.is_partial(def)
    }

    /// Returns what a definition does when it runs.
    pub(crate) fn class(&self, def: DefId) -> Class {
        if !self.runs(def) {
            return Class::Pure;
        }
        self.judged(def).class
    }

    fn judged(&self, def: DefId) -> &Judged {
        self.judged[def.idx()].get_or_init(|| {
            let definition = self.tree.graph.def(def);
            let unit = self.tree.project.unit(definition.unit).name;
            let full = || name(&format!("{unit}.{}", definition.path));
            let is_known =
                is_meant(self.tree, definition.unit) && table().names.get(&full()) == Some(&Known::Pure);
            Box::new(if is_known { Judged::as_class(Class::Pure) } else { classify(self, def) })
        })
    }

    /// Returns the values of its own unit that a definition may write to when it runs.
    pub(crate) fn writes_to(&self, def: DefId) -> &[DefId] {
        if self.runs(def) { &self.judged(def).touched.written } else { &[] }
    }

    /// Returns the values of its own unit that can be written to and that a definition may read when it runs.
    pub(crate) fn reads_from(&self, def: DefId) -> &[DefId] {
        if self.runs(def) { &self.judged(def).touched.read } else { &[] }
    }

    /// Returns the other units of which a definition may read values that can be written to when it runs, sorted.
    pub(crate) fn units_read(&self, def: DefId) -> Arc<[UnitId]> {
        if self.runs(def) { self.reads.units(self, def) } else { Arc::default() }
    }

    /// What is behind all code of a unit that runs.
    pub(super) fn all_running(&self, unit: UnitId) -> AllRunning {
        *self.running[unit.idx()].get_or_init(|| all_running(self, unit))
    }

    /// Returns the units with definitions that some text of a unit may call; perhaps others, too.
    pub(super) fn reached_units(&self, unit: UnitId) -> &[UnitId] {
        self.reached[unit.idx()].get_or_init(|| {
            let graph = self.tree.graph;
            let mut units: IdSet<UnitId> = IdSet::with_room(graph.defs_of_unit.len());
            // Mostly a text goes on about the unit that it named last.
            let mut last = unit;
            for edge in graph.unit_defs(unit).flat_map(|def| graph.edges_of(def)) {
                if !is_no_call(edge.kind)
                    && let Some(def) = edge.def.get()
                {
                    let called = graph.def(def).unit;
                    if called != last && called != unit {
                        units.insert(called);
                    }
                    last = called;
                }
            }
            units.iter().collect()
        })
    }

    /// Whether a unit without source is known to do nothing at start-up that others could miss.
    pub(crate) fn is_quiet(&self, unit: UnitId) -> bool {
        let known = table().names.get(&name(self.tree.unit_name(unit)));
        matches!(known, Some(Known::Pure | Known::Quiet)) && is_meant(self.tree, unit)
    }

    /// Returns what a C primitive or a `%primitive` is called.
    fn primitive(&self, edge: &Edge) -> Option<Name> {
        let def = self.tree.graph.def(edge.def.get()?);
        match &self.tree.facts(def.file)?.item(def.item).kind {
            ItemKind::External { primitive, .. } => Some(*primitive),
            _ => None,
        }
    }
}

/// What is known of a definition that runs.
pub(super) struct Judged {
    pub(super) class: Class,
    pub(super) touched: Touched,
}

impl Judged {
    pub(super) fn as_class(class: Class) -> Self {
        Judged { class, touched: Touched::default() }
    }
}

/// Values that can be written to, by what running code does with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    pub(super) written: Vec<DefId>,
    pub(super) read: Vec<DefId>,
}
