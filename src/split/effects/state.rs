//! Which values hold something that can be written to.

use super::table::table;
use super::{Effects, MAX_STEPS};
use crate::base::{DefId, IdSet, Idx, Name, UnitId, split_last};
use crate::graph::{DefKind, Edge, EdgeKind};
use crate::parse::{RefKind, Shape};
use crate::project::LibraryOrigin;
use std::sync::atomic::{AtomicU8, Ordering};

/// Answers that threads share.
#[derive(Default)]
pub(super) struct Answer(AtomicU8);

impl Answer {
    pub(super) fn get(&self) -> Option<bool> {
        self.0.load(Ordering::Relaxed).checked_sub(1).map(|answer| answer == 1)
    }

    pub(super) fn set(&self, answer: bool) {
        self.0.store(1 + u8::from(answer), Ordering::Relaxed);
    }
}

impl Effects<'_> {
    /// Whether a definition is a value that is computed or written out, and not in a functor.
    pub(super) fn may_be_state(&self, def: DefId) -> bool {
        let def = self.tree.graph.def(def);
        def.kind == DefKind::Value
            && def.in_functor.is_none()
            && matches!(def.shape, Shape::Expr | Shape::Constant)
    }

    /// Whether a value may hold something that can be written to: code that makes such a thing is reached when it is computed.
    pub(in crate::split) fn may_hold_state(&self, start: DefId, is_own: bool) -> bool {
        let graph = self.tree.graph;
        if !self.may_be_state(start) {
            return false;
        }
        if graph.def(start).shape == Shape::Constant {
            return self.writes_out_state(start);
        }
        let known = &self.holders[usize::from(is_own)][start.idx()];
        if let Some(known) = known.get() {
            return known;
        }
        // In its own unit, however it is made. Of other units only what is made so in its own text, or in that of what this
        // calls: what is reached from further away are buffers that somebody used on the way. What functions of the standard
        // library make, their names tell.
        let max_depth = if is_own { u32::MAX } else { 1 };
        let goes_on = |next: DefId, depth: u32| {
            let unit = graph.def(next).unit;
            depth < max_depth && (is_own || !self.is_of_stdlib(unit))
        };
        let mut seen: IdSet<DefId> = [start].into_iter().collect();
        let mut todo = vec![(start, 0)];
        let mut n_seen = 0;
        let mut found = false;
        while let Some((def, depth)) = todo.pop() {
            found |= self.writes_out_state(def);
            for edge in graph
                .edges_of(def)
                .iter()
                .filter(|edge| edge.kind.links() || edge.kind == EdgeKind::Primitive)
            {
                found |= self.makes_state(edge);
                if let Some(next) = edge.def.get()
                    && goes_on(next, depth)
                    && seen.insert(next)
                {
                    n_seen += 1;
                    todo.push((next, depth + 1));
                }
            }
            if found || n_seen > MAX_STEPS {
                found = true;
                break;
            }
        }
        known.set(found);
        found
    }

    /// Whether a text writes an array out, or a record whose fields somebody assigns to.
    /// APPROX: the unit of the record's type assigns to fields, or its own does; which fields, the facts do not tell.
    fn writes_out_state(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        let Some(counts) = self.counts(def) else { return definition.shape == Shape::Constant };
        if counts.arrays > 0 {
            return true;
        }
        if counts.records == 0 {
            return false;
        }
        let types = self.tree.graph.edges_of(def).iter().filter(|edge| edge.kind == EdgeKind::Type);
        let mut units = types.map(|edge| edge.target.unit).chain([definition.unit]);
        units.any(|unit| self.has_assignments(unit))
    }

    fn is_of_stdlib(&self, unit: UnitId) -> bool {
        let library = self.tree.project.unit(unit).library;
        self.tree.project.library(library).origin == LibraryOrigin::Stdlib
    }

    fn has_assignments(&self, unit: UnitId) -> bool {
        *self.assigning[unit.idx()].get_or_init(|| {
            let file = self.tree.project.unit(unit).implementation();
            let facts = file.and_then(|file| self.tree.facts(file));
            facts.is_none_or(|facts| facts.items.iter().any(|item| facts.counts(item).writes > 0))
        })
    }

    fn makes_state(&self, edge: &Edge) -> bool {
        let is_class = |def: &DefId| self.tree.graph.def(*def).kind == DefKind::Class;
        if let Some(class) = edge.def.get().filter(is_class) {
            return self.makes_changing_objects(class);
        }
        if self.tree.unit_name(edge.target.unit) == "CamlinternalOO" {
            return self.assigns(edge.from);
        }
        match edge.kind {
            EdgeKind::Primitive | EdgeKind::CExternal => self
                .primitive(edge)
                .is_some_and(|primitive| table().primitive_makes_state(primitive.as_str())),
            EdgeKind::Value => {
                table().makes_state(self.tree.unit_name(edge.target.unit), last(edge.target.path))
            }
            _ => false,
        }
    }

    /// Whether objects of a class may change: its text assigns to instance variables, or that of a class that it inherits.
    fn makes_changing_objects(&self, class: DefId) -> bool {
        let graph = self.tree.graph;
        let mut seen: IdSet<DefId> = [class].into_iter().collect();
        let mut todo = vec![class];
        while let Some(class) = todo.pop() {
            if self.assigns(class) {
                return true;
            }
            let named = graph.edges_of(class).iter().filter_map(|edge| edge.def.get());
            todo.extend(named.filter(|&def| graph.def(def).kind == DefKind::Class && seen.insert(def)));
        }
        false
    }

    /// Whether a value may have a type that nothing in its own text decides, and that is no type for all: `ref []`,
    /// `Hashtbl.create 7`, `List.fold_left (fun ..) empty`, which lacks an argument.
    /// APPROX: a reference or array that is made from a literal has the literal's type, and a closure that of its arguments, unless
    /// a function is written there.
    pub(crate) fn has_open_type(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        if definition.shape != Shape::Expr || definition.in_functor.is_some() {
            return false;
        }
        let Some(facts) = self.tree.facts(definition.file) else { return false };
        let item = facts.item(definition.item);
        let counts = facts.counts(item);
        let has_literal = counts.literals + counts.strings > 0;
        let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
        if refs.iter().any(|reference| reference.kind == RefKind::Type) {
            return false;
        }
        if counts.functions > 0 && !has_literal && self.is_partial(def) {
            return true;
        }
        self.tree.graph.edges_of(def).iter().any(|edge| match edge.kind {
            EdgeKind::Value => {
                let (unit, function) = (self.tree.unit_name(edge.target.unit), last(edge.target.path));
                let is_array = (unit, function) == ("Stdlib__Array", "make");
                is_array && !has_literal || table().makes_open_type(unit, function)
            }
            EdgeKind::Primitive | EdgeKind::CExternal => {
                let made_by = self.primitive(edge);
                !has_literal
                    && made_by
                        .is_some_and(|made_by| ["%makemutable", "caml_make_vect"].contains(&made_by.as_str()))
            }
            _ => false,
        })
    }
}

fn last(path: Name) -> &'static str {
    split_last(path.as_str()).1
}
