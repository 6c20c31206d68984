//! Which values hold something that can be written to.

use super::{Effects, MAX_STEPS};
use crate::base::{DefId, IdSet, Idx, Name, UnitId, split_last};
use crate::graph::{DefKind, Edge, EdgeKind};
use crate::parse::{RefKind, Shape};
use std::sync::atomic::{AtomicU8, Ordering};

/// Answers that threads share.
#[derive(Default)]
pub(super) struct Answer(AtomicU8);

impl Answer {
    fn get(&self) -> Option<bool> {
        self.0.load(Ordering::Relaxed).checked_sub(1).map(|answer| answer == 1)
    }

    fn set(&self, answer: bool) {
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
            // A record may have mutable fields.
            return self.is_record(start);
        }
        let known = &self.holders[usize::from(is_own)][start.idx()];
        if let Some(known) = known.get() {
            return known;
        }
        // In its own unit, however it is made. Of other units only what is made so in its own text: tables to register in
        // are, and what is reached from further away are buffers that somebody used on the way.
        let max_depth = if is_own { u32::MAX } else { 0 };
        let mut seen: IdSet<DefId> = IdSet::default();
        let mut todo = vec![(start, 0)];
        let mut n_seen = 0;
        let mut found = false;
        while let Some((def, depth)) = todo.pop() {
            for edge in graph
                .edges_of(def)
                .iter()
                .filter(|edge| edge.kind.links() || edge.kind == EdgeKind::Primitive)
            {
                found |= self.makes_state(edge);
                if let Some(next) = edge.def.get()
                    && depth < max_depth
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

    /// Whether a constant is a record whose fields somebody assigns to.
    /// APPROX: the unit of the record's type assigns to fields, or its own does; which fields, the facts do not tell.
    fn is_record(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        let (Some(item), Some(facts)) = (self.item(def), self.tree.facts(definition.file)) else {
            return true;
        };
        let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
        if !refs.iter().any(|reference| reference.kind == RefKind::Field) {
            return false;
        }
        let types = self.tree.graph.edges_of(def).iter().filter(|edge| edge.kind == EdgeKind::Type);
        let mut units = types.map(|edge| edge.target.unit).chain([definition.unit]);
        units.any(|unit| self.has_assignments(unit))
    }

    fn has_assignments(&self, unit: UnitId) -> bool {
        *self.assigning[unit.idx()].get_or_init(|| {
            let file = self.tree.project.unit(unit).implementation();
            let facts = file.and_then(|file| self.tree.facts(file));
            facts.is_none_or(|facts| facts.items.iter().any(|item| facts.counts(item).writes > 0))
        })
    }

    fn makes_state(&self, edge: &Edge) -> bool {
        const IMMUTABLE: [&str; 8] =
            ["String", "StringLabels", "List", "ListLabels", "Lazy", "Seq", "Option", "Uchar"];
        const PRIMITIVES: [&str; 5] =
            ["%makemutable", "caml_make_vect", "caml_create_bytes", "caml_ba_create", "caml_atomic_make"];
        match edge.kind {
            EdgeKind::Primitive | EdgeKind::CExternal => {
                self.primitive(edge).is_some_and(|primitive| PRIMITIVES.contains(&primitive.as_str()))
            }
            EdgeKind::Value => {
                let is_maker = ["ref", "create", "make", "init"].contains(&last(edge.target.path));
                // Of the standard library it is known which of them make something that can be written to.
                let of = self.tree.unit_name(edge.target.unit);
                let is_immutable = of.strip_prefix("Stdlib__").is_some_and(|of| IMMUTABLE.contains(&of));
                is_maker && !is_immutable
            }
            _ => false,
        }
    }

    /// Whether a value is a container whose type nothing in its own text decides: `ref []`, `Hashtbl.create 7`.
    /// APPROX: a reference or array that is made from a literal has the literal's type.
    pub(crate) fn has_open_type(&self, def: DefId) -> bool {
        const TABLES: [&str; 5] = ["Hashtbl", "Queue", "Stack", "Weak", "Ephemeron"];
        let definition = self.tree.graph.def(def);
        if definition.shape != Shape::Expr || definition.parent.is_some() || definition.in_functor.is_some() {
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
        self.tree.graph.edges_of(def).iter().any(|edge| {
            let of = self.tree.unit_name(edge.target.unit).trim_start_matches("Stdlib__");
            match edge.kind {
                EdgeKind::Value if last(edge.target.path) == "create" => TABLES.contains(&of),
                EdgeKind::Value if last(edge.target.path) == "make" => of == "Array" && !has_literal,
                EdgeKind::Primitive | EdgeKind::CExternal => {
                    let made_by = self.primitive(edge);
                    !has_literal
                        && made_by.is_some_and(|made_by| {
                            ["%makemutable", "caml_make_vect"].contains(&made_by.as_str())
                        })
                }
                _ => false,
            }
        })
    }
}

fn last(path: Name) -> &'static str {
    split_last(path.as_str()).1
}
