//! Functions that are given fewer arguments than they take.

use super::Effects;
use crate::base::{DefId, Idx};
use crate::graph::{DefKind, EdgeKind};
use crate::parse::ItemKind;

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
        let n_arguments = match self.value(def) {
            Some(&ItemKind::Value { n_arguments, .. }) if definition.kind == DefKind::Value => n_arguments,
            _ => 0,
        };
        if n_arguments == 0 {
            return false;
        }
        // The function stands in front of its arguments.
        let values = self.tree.graph.edges_of(def).iter().filter(|edge| edge.kind == EdgeKind::Value);
        let function = values.min_by_key(|edge| edge.span.start).and_then(|edge| edge.def.get());
        match function.and_then(|function| self.value(function)) {
            Some(&ItemKind::Value { n_parameters, is_simple: true, .. }) => n_arguments < n_parameters,
            _ => false,
        }
    }

    fn value(&self, def: DefId) -> Option<&ItemKind> {
        let definition = self.tree.graph.def(def);
        Some(&self.tree.facts(definition.file)?.item(definition.item).kind)
    }
}
