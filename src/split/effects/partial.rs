//! Functions that are given fewer arguments than they take.

use super::Effects;
use crate::base::{DefId, Idx};
use crate::graph::{DefKind, EdgeKind};
use crate::parse::{Counts, ItemKind, Shape};

impl Effects<'_> {
    /// Whether nothing runs to make a value but the making of a closure: `let to_file = write channel`, where `write` is written
    /// with two parameters or more.
    pub(super) fn is_partial(&self, def: DefId) -> bool {
        let known = &self.partial[def.idx()];
        known.get().unwrap_or_else(|| {
            let is_partial = self.lacks_arguments(def);
            known.set(is_partial);
            is_partial
        })
    }

    fn lacks_arguments(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        if definition.kind != DefKind::Value || definition.shape != Shape::Expr {
            return false;
        }
        let Some(counts) = self.counts(def) else { return false };
        if !is_one_application(counts) {
            return false;
        }
        let values = self.tree.graph.edges_of(def).iter().filter(|edge| edge.kind == EdgeKind::Value);
        let function = values.min_by_key(|edge| edge.span.start).and_then(|edge| edge.def.get());
        function.is_some_and(|function| counts.arguments < self.n_parameters(function))
    }

    /// How many arguments a function has to be given before its code runs; 0 where that is not known.
    fn n_parameters(&self, def: DefId) -> u32 {
        let definition = self.tree.graph.def(def);
        let facts = self.tree.facts(definition.file);
        match facts.map(|facts| &facts.item(definition.item).kind) {
            Some(&ItemKind::Value { n_parameters, is_simple: true, .. }) => n_parameters,
            _ => 0,
        }
    }
}

/// Whether a text is the application of a function to names, constants and blocks of those, and nothing else that runs code.
fn is_one_application(counts: Counts) -> bool {
    let Counts { branches, operators, lets, accesses, objects, handlers, writes, functions, cases, .. } =
        counts;
    let others = [branches, operators, lets, accesses, objects, handlers, writes, functions, cases];
    counts.applications == 1 && others.iter().all(|&count| count == 0)
}
