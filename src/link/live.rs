//! The live definitions of a program: those that its own units reach.
//!
//! Breadth first from all definitions and effects of the program's own units, of `Std_exit` and the effects of forced
//! units, along every edge that links. A unit with a live definition is *touched*: it is initialised, so its effects are
//! live too. What a live definition refers to becomes live:
//!
//! * a definition;
//! * a module or functor, with all that is inside it, since a reference that ends there may read any field;
//! * a whole unit: all that it exports, or the unit as a whole where there is no source;
//! * by `include`, or by an alias that the interface makes a field: nothing but the effects of that unit, because whoever
//!   names an item refers to the definition that provides it, too (edges that are marked `through`). Only when the
//!   including module is used whole is the included one, too.
//!
//! A definition is looked at at most twice (once for itself, once as part of something whole), so it ends.

use super::closure::{LinkedSet, Reason};
use super::input::LinkInput;
use crate::base::{DefId, IdSet, Idx, UnitId};
use crate::graph::{DefKind, EdgeKind, Graph};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Why a definition is live: the step by which it was first reached, which is on a shortest way from a root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LiveCause {
    /// It belongs to the program's own units or to `Std_exit`.
    Root,
    /// It is an effect of a forced unit.
    Forced,
    /// This edge (an index of [`Graph::edges`]) refers to it, or to its unit as a whole.
    Edge(u32),
    /// It is inside this module or functor, which is used whole.
    Inside(DefId),
    /// It encloses this definition: the module has to exist.
    Encloses(DefId),
    /// It runs when the unit is initialised, and the unit is touched because this definition is live.
    Runs(DefId),
    /// It runs when the unit is initialised, and the unit is touched because this edge goes through it or to it.
    RunsFor(u32),
    /// This unit has no source, is live, and records the unit that the definition is in.
    Opaque(UnitId),
}

/// The live definitions and the units that they touch.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Live {
    /// The live definitions, effects included.
    pub defs: IdSet<DefId>,
    /// The units that live code needs: with a live definition, or on the way to one, or without source and referred to.
    /// Always linked units.
    pub touched: IdSet<UnitId>,
    /// Why each live definition is live. Not a list by id: many programs may use little of a large tree each.
    pub causes: FxHashMap<DefId, LiveCause>,
}

impl Live {
    /// Whether a definition is live.
    #[must_use]
    pub fn contains(&self, def: DefId) -> bool {
        self.defs.contains(def)
    }
}

/// Returns the live definitions of a program.
#[must_use]
pub fn live(graph: &Graph, input: &LinkInput, linked: &LinkedSet) -> Live {
    let mut search = Search::new(graph, linked);
    for &unit in input.own.iter().chain(&input.tail) {
        search.touch(unit, None);
        graph.unit_defs(unit).for_each(|def| search.reach(def, LiveCause::Root));
        search.follow_opaque(unit);
    }
    for (unit, reason) in linked.iter() {
        if matches!(reason, Reason::Forced | Reason::LinkAll) {
            search.touch(unit, None);
            search.run_effects(unit, LiveCause::Forced);
        }
    }
    search.run();
    search.live
}

struct Search<'a> {
    graph: &'a Graph,
    linked: &'a LinkedSet,
    /// Children of each definition of a linked unit.
    children: Children,
    live: Live,
    /// Definitions whose includes count as uses of everything.
    whole: IdSet<DefId>,
    whole_units: IdSet<UnitId>,
    opaque_done: IdSet<UnitId>,
    queue: VecDeque<Step>,
}

/// Something to look at.
#[derive(Clone, Copy)]
enum Step {
    /// The edges of a definition.
    Def(DefId),
    /// The same definition once more, now used whole.
    Whole(DefId),
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph, linked: &'a LinkedSet) -> Self {
        Search {
            graph,
            linked,
            children: Children::new(graph, linked),
            live: Live::default(),
            whole: IdSet::default(),
            whole_units: IdSet::default(),
            opaque_done: IdSet::default(),
            queue: VecDeque::new(),
        }
    }

    fn run(&mut self) {
        while let Some(step) = self.queue.pop_front() {
            match step {
                Step::Def(def) => self.follow_edges(def, false),
                Step::Whole(def) => self.follow_edges(def, true),
            }
        }
    }

    /// Makes a definition live, with the modules around it.
    fn reach(&mut self, def: DefId, cause: LiveCause) {
        let mut next = Some((def, cause));
        while let Some((def, cause)) = next {
            let definition = self.graph.def(def);
            if !self.linked.contains(definition.unit) || !self.live.defs.insert(def) {
                return;
            }
            self.live.causes.insert(def, cause);
            if self.live.touched.insert(definition.unit) {
                self.run_effects(definition.unit, LiveCause::Runs(def));
            }
            self.queue.push_back(Step::Def(def));
            next = definition.parent.map(|parent| (parent, LiveCause::Encloses(def)));
        }
    }

    /// Makes a definition and all that is inside it live.
    fn reach_whole(&mut self, def: DefId, cause: LiveCause) {
        self.reach(def, cause);
        let mut todo = vec![def];
        while let Some(def) = todo.pop() {
            if !self.live.contains(def) || !self.whole.insert(def) {
                continue;
            }
            self.queue.push_back(Step::Whole(def));
            for i in self.children.of(def) {
                let (_, child) = self.children.pairs[i];
                self.reach(child, LiveCause::Inside(def));
                todo.push(child);
            }
        }
    }

    /// Marks a unit as touched; its effects run.
    fn touch(&mut self, unit: UnitId, edge: Option<u32>) {
        if !self.linked.contains(unit) || !self.live.touched.insert(unit) {
            return;
        }
        if let Some(edge) = edge {
            self.run_effects(unit, LiveCause::RunsFor(edge));
        }
    }

    /// Makes the effects of a unit live. What is inside a functor runs when the functor is applied, not here.
    fn run_effects(&mut self, unit: UnitId, cause: LiveCause) {
        for def in self.graph.unit_defs(unit) {
            let definition = self.graph.def(def);
            if definition.runs && definition.in_functor.is_none() {
                self.reach(def, cause);
            }
        }
    }

    /// Everything that clients can name in a unit becomes live.
    fn reach_unit(&mut self, unit: UnitId, cause: LiveCause) {
        if !self.linked.contains(unit) || !self.whole_units.insert(unit) {
            return;
        }
        for def in self.graph.unit_defs(unit) {
            let definition = self.graph.def(def);
            let is_include = definition.kind == DefKind::Effect;
            if definition.parent.is_none() && (definition.exported || is_include) {
                self.reach_whole(def, cause);
            }
        }
        self.follow_opaque(unit);
    }

    /// A unit without source needs all that its archive says it records.
    fn follow_opaque(&mut self, unit: UnitId) {
        if !self.linked.contains(unit) || !self.opaque_done.insert(unit) {
            return;
        }
        let mut todo = vec![unit];
        while let Some(unit) = todo.pop() {
            let links = self.graph.units.links.get(unit.idx()).map_or(&[][..], Vec::as_slice);
            for &(used, edge) in links {
                let is_reason = edge.is_none() && !self.graph.units.holds(unit, used);
                if is_reason && self.linked.contains(used) && used != unit {
                    self.touch(used, None);
                    self.run_effects(used, LiveCause::Opaque(unit));
                    if self.whole_units.insert(used) {
                        let exported: Vec<DefId> = self.graph.unit_defs(used).collect();
                        for def in exported {
                            let definition = self.graph.def(def);
                            if definition.parent.is_none() && definition.exported {
                                self.reach_whole(def, LiveCause::Opaque(unit));
                            }
                        }
                    }
                    if self.opaque_done.insert(used) {
                        todo.push(used);
                    }
                }
            }
        }
    }

    fn follow_edges(&mut self, def: DefId, is_whole: bool) {
        let range = self.graph.def(def).edges.clone();
        for index in range.clone() {
            let edge = &self.graph.edges[index as usize];
            if edge.kind.links() {
                let next = range.contains(&(index + 1)).then(|| &self.graph.edges[index as usize + 1]);
                let is_step = next.is_some_and(|next| next.flags.get().through && next.span == edge.span);
                self.follow(index, is_whole, is_step);
            }
        }
    }

    /// Follows one edge; `is_step` when the edge behind it says what is behind the definition that this one names.
    fn follow(&mut self, index: u32, is_whole: bool, is_step: bool) {
        let edge = &self.graph.edges[index as usize];
        let cause = LiveCause::Edge(index);
        // The unit that holds the field is read even where another one provides what is in it.
        self.touch(edge.target.unit, Some(index));
        // A unit without source needs what its archive records; whether anything is recorded so, its row says.
        self.follow_opaque(edge.target.unit);
        let is_copy = edge.flags.get().include || edge.flags.get().export;
        let is_plain_copy = is_copy && edge.kind == EdgeKind::Module && !is_whole;
        match edge.def.get() {
            Some(def) => {
                let kind = self.graph.def(def).kind;
                let has_inside = match kind {
                    _ if is_step => false,
                    DefKind::Functor => true,
                    DefKind::Module | DefKind::Alias => !is_plain_copy,
                    _ => false,
                };
                if has_inside { self.reach_whole(def, cause) } else { self.reach(def, cause) }
            }
            None if is_plain_copy || is_step => {}
            None => self.reach_unit(edge.target.unit, cause),
        }
    }
}

/// The definitions directly inside each definition of the linked units.
struct Children {
    /// Each with what it is inside of, sorted by that.
    pairs: Vec<(DefId, DefId)>,
}

impl Children {
    fn new(graph: &Graph, linked: &LinkedSet) -> Self {
        let defs = linked.units.iter().flat_map(|&unit| graph.unit_defs(unit));
        let mut pairs: Vec<(DefId, DefId)> =
            defs.filter_map(|def| Some((graph.def(def).parent?, def))).collect();
        pairs.sort_unstable();
        Children { pairs }
    }
    fn of(&self, def: DefId) -> std::ops::Range<usize> {
        let start = self.pairs.partition_point(|&(parent, _)| parent < def);
        let end = self.pairs.partition_point(|&(parent, _)| parent <= def);
        start..end
    }
}
