//! Where a reference leads once plans are carried out.

use super::{Rule, World};
use crate::base::{Name, UnitId, name};
use crate::graph::{Edge, EdgeKind};

impl World<'_> {
    /// Returns the unit that an edge makes its holder record now.
    pub(crate) fn goes_to(&self, edge: &Edge) -> UnitId {
        self.goes_to_of(edge, || self.is_mixed(self.tree.graph.def(edge.from).unit, edge.target.unit))
    }

    /// The same, for who knows whether the client is mixed.
    pub(super) fn goes_to_of(&self, edge: &Edge, is_mixed: impl FnOnce() -> bool) -> UnitId {
        let graph = self.tree.graph;
        let from = graph.def(edge.from).unit;
        if edge.target.unit == from {
            return match edge.def.get() {
                Some(def) if graph.def(def).unit == from => self.home.get(&def).copied().unwrap_or(from),
                _ => from,
            };
        }
        let (mut unit, mut path) = (edge.target.unit, edge.target.path);
        // Aliases may lead to aliases; a chain of more is a cycle, which no compiler accepts.
        for _ in 0..16 {
            let Some(rule) = self.rule(unit, path) else { break };
            path = joined(rule.rest, behind(path, rule.path));
            unit = rule.unit;
        }
        if unit == edge.target.unit
            && let Some(def) = edge.def.get()
            && let Some(&public) = self.public.get(&def)
            && graph.def(def).unit == unit
            && !(self.rewritten.contains(unit) && is_mixed())
        {
            return public;
        }
        unit
    }

    fn rule(&self, unit: UnitId, path: Name) -> Option<&Rule> {
        self.rules.get(&unit)?.iter().find(|rule| is_prefix(rule.path, path))
    }

    /// What stood behind the aliases inside a module that is copied as a whole: a copy of an alias is still read somewhere.
    pub(super) fn hidden_behind(&self, edge: &Edge) -> Vec<UnitId> {
        if edge.kind != EdgeKind::Module {
            return Vec::new();
        }
        let rules = self.rules.get(&edge.target.unit).map_or(&[][..], Vec::as_slice);
        let inside = |rule: &&Rule| {
            rule.is_alias && rule.path != edge.target.path && is_prefix(edge.target.path, rule.path)
        };
        rules.iter().filter(inside).map(|rule| rule.unit).collect()
    }

    /// Whether a client links something of a unit which stays in it: it is left as it is.
    pub(super) fn is_mixed(&self, client: UnitId, unit: UnitId) -> bool {
        let graph = self.tree.graph;
        self.real.distinct_edges(client, unit).iter().any(|&edge| {
            let edge = &graph.edges[edge as usize];
            !edge.target.path.is_empty() && edge.def.get().is_none_or(|def| !self.public.contains_key(&def))
        })
    }
}

/// Whether a dotted path starts with another one.
fn is_prefix(prefix: Name, path: Name) -> bool {
    match path.as_str().strip_prefix(prefix.as_str()) {
        Some(rest) => prefix.is_empty() || rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

/// What is left of a path behind its prefix.
fn behind(path: Name, prefix: Name) -> Name {
    let rest = path.as_str().get(prefix.len()..).unwrap_or("");
    name(rest.strip_prefix('.').unwrap_or(rest))
}

fn joined(prefix: Name, rest: Name) -> Name {
    match (prefix.is_empty(), rest.is_empty()) {
        (true, _) => rest,
        (_, true) => prefix,
        _ => name(&format!("{prefix}.{rest}")),
    }
}
