//! The references by which linked units link one.

use super::World;
use crate::base::{DefId, UnitId};
use crate::graph::Edge;
use crate::link::LinkedSet;

impl<'a> World<'a> {
    /// Returns the references by which units of a linked set link `unit`, with the definitions that they come from.
    pub(crate) fn references<'w>(
        &'w self,
        unit: UnitId,
        linked: &'w LinkedSet,
    ) -> impl Iterator<Item = (DefId, &'a Edge)> + 'w {
        let graph = self.tree.graph;
        // Where nothing has moved, code that is not linked need not be looked at.
        let is_moved = !self.home.is_empty();
        let users = self.real.users(unit).iter().copied();
        let users = users.filter(move |&user| is_moved || linked.contains(user));
        users.flat_map(move |user| self.real.edges(user, unit)).filter_map(move |&index| {
            let edge = &graph.edges[index as usize];
            let holder = self.holder(edge.from);
            let is_there = linked.contains(holder) && !self.cut.contains(&index);
            (is_there && self.goes_to(edge) == unit).then_some((edge.from, edge))
        })
    }

    /// The same for references of which only what they name counts: of those that differ in their place, one stands for all.
    pub(crate) fn named<'w>(
        &'w self,
        unit: UnitId,
        linked: &'w LinkedSet,
    ) -> Box<dyn Iterator<Item = &'a Edge> + 'w> {
        if !self.home.is_empty() || !self.cut.is_empty() {
            return Box::new(self.references(unit, linked).map(|(_, edge)| edge));
        }
        let edges: &'a [Edge] = &self.tree.graph.edges;
        let users = self.real.users(unit).iter().copied().filter(|&user| linked.contains(user));
        let named = users.flat_map(move |user| self.real.distinct_edges(user, unit));
        Box::new(
            named.map(move |&index| &edges[index as usize]).filter(move |edge| self.goes_to(edge) == unit),
        )
    }
}
