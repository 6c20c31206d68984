//! Who links whom as things are, forwards and backwards, and by which references.

use crate::base::{Idx, UnitId};
use crate::graph::Graph;
use crate::link::{LinkTable, Links};
use std::sync::OnceLock;

/// The links of the real graph.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    graph: &'a Graph,
    used: LinkTable,
    users: Vec<Vec<UnitId>>,
    /// For each unit, its edges that link another one, by target and then in order; sorted when first asked for.
    edges: Vec<OnceLock<Box<[u32]>>>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(graph: &'a Graph) -> Self {
        let mut users = vec![Vec::new(); graph.units.links.len()];
        for (unit, links) in graph.units.links.iter().enumerate() {
            for &(used, _) in links {
                if let Some(row) = users.get_mut(used.idx()) {
                    row.push(UnitId::new(unit));
                }
            }
        }
        let edges = (0..graph.units.links.len()).map(|_| OnceLock::new()).collect();
        Rows { graph, used: LinkTable::of_graph(graph), users, edges }
    }

    /// Returns the units that `unit` records, in order.
    pub(crate) fn used(&self, unit: UnitId) -> &[UnitId] {
        self.used.links(unit)
    }

    /// Returns the units that record `unit`, in order.
    pub(crate) fn users(&self, unit: UnitId) -> &[UnitId] {
        self.users.get(unit.idx()).map_or(&[], Vec::as_slice)
    }

    /// Returns the edges by which one unit links another one, in order.
    pub(crate) fn edges(&self, from: UnitId, to: UnitId) -> &[u32] {
        let Some(slot) = self.edges.get(from.idx()) else { return &[] };
        let target = |&edge: &u32| self.graph.edges[edge as usize].target.unit;
        let all = slot.get_or_init(|| {
            let ranges = self.graph.unit_defs(from).map(|def| self.graph.def(def).edges.clone());
            let links = |edge: &u32| {
                let edge = &self.graph.edges[*edge as usize];
                edge.kind.links() && !edge.flags.through && edge.target.unit != from
            };
            let mut all: Vec<u32> = ranges.flatten().filter(links).collect();
            all.sort_by_key(|edge| (target(edge), *edge));
            all.into_boxed_slice()
        });
        let start = all.partition_point(|edge| target(edge) < to);
        let n = all[start..].partition_point(|edge| target(edge) == to);
        &all[start..start + n]
    }

    /// Whether a unit records another one for a reason that no definition of it is known to give.
    pub(crate) fn is_unexplained(&self, from: UnitId, to: UnitId) -> bool {
        let links = self.graph.units.links.get(from.idx()).map_or(&[][..], Vec::as_slice);
        links.binary_search_by_key(&to, |&(used, _)| used).is_ok_and(|at| links[at].1.is_none())
    }
}
