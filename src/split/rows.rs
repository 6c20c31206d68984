//! Who links whom as things are, forwards and backwards, and by which references.

use crate::base::{DefId, Idx, Name, UnitId};
use crate::graph::{EdgeKind, Graph};
use crate::link::{LinkTable, Links};
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::OnceLock;

/// The links of the real graph.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    graph: &'a Graph,
    used: LinkTable,
    users: Vec<Vec<UnitId>>,
    /// For each unit, its edges that link another one; sorted when first asked for.
    edges: Vec<OnceLock<Box<Edges>>>,
}

/// The edges of one unit that link another one.
#[derive(Debug, Default)]
struct Edges {
    /// By target and then in order.
    all: Vec<u32>,
    /// Of those that differ in their place only, the first.
    distinct: Vec<u32>,
    /// For each target, where its edges end in both.
    ends: Vec<(UnitId, u32, u32)>,
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
        self.between(from, to).map_or(&[], |(edges, all, _)| &edges.all[all])
    }

    /// Returns those of them that are not alike but for their place.
    pub(crate) fn distinct_edges(&self, from: UnitId, to: UnitId) -> &[u32] {
        self.between(from, to).map_or(&[], |(edges, _, distinct)| &edges.distinct[distinct])
    }

    fn between(&self, from: UnitId, to: UnitId) -> Option<(&Edges, Range<usize>, Range<usize>)> {
        let edges = self.edges.get(from.idx())?.get_or_init(|| Box::new(Edges::of(self.graph, from)));
        let at = edges.ends.binary_search_by_key(&to, |&(target, ..)| target).ok()?;
        let start = at.checked_sub(1).map_or((0, 0), |before| (edges.ends[before].1, edges.ends[before].2));
        let end = (edges.ends[at].1, edges.ends[at].2);
        Some((edges, start.0 as usize..end.0 as usize, start.1 as usize..end.1 as usize))
    }

    /// Whether a unit records another one for a reason that no definition of it is known to give.
    pub(crate) fn is_unexplained(&self, from: UnitId, to: UnitId) -> bool {
        let links = self.graph.units.links.get(from.idx()).map_or(&[][..], Vec::as_slice);
        links.binary_search_by_key(&to, |&(used, _)| used).is_ok_and(|at| links[at].1.is_none())
    }
}

impl Edges {
    fn of(graph: &Graph, unit: UnitId) -> Self {
        let mut all: Vec<(UnitId, u32)> = Vec::new();
        for def in graph.unit_defs(unit) {
            for index in graph.def(def).edges.clone() {
                let edge = &graph.edges[index as usize];
                if edge.target.unit != unit && edge.kind.links() && !edge.flags.get().through {
                    all.push((edge.target.unit, index));
                }
            }
        }
        all.sort_unstable();
        let mut edges = Edges { all: Vec::with_capacity(all.len()), ..Edges::default() };
        let mut seen = Seen::default();
        for &(target, index) in &all {
            let edge = &graph.edges[index as usize];
            if edges.ends.last().is_none_or(|&(last, ..)| last != target) {
                edges.ends.push((target, 0, 0));
                seen.clear();
            }
            let is_copied = edge.flags.get().include || edge.flags.get().whole;
            edges.all.push(index);
            if seen.insert((edge.target.path, edge.def.get(), edge.kind == EdgeKind::Module, is_copied)) {
                edges.distinct.push(index);
            }
            let (n_all, n_distinct) = (edges.all.len() as u32, edges.distinct.len() as u32);
            if let Some(end) = edges.ends.last_mut() {
                *end = (target, n_all, n_distinct);
            }
        }
        edges.distinct.shrink_to_fit();
        edges
    }
}

/// What tells edges to one unit from each other.
type Key = (Name, Option<DefId>, bool, bool);

/// The edges seen: mostly a few.
#[derive(Default)]
struct Seen {
    few: Vec<Key>,
    many: FxHashSet<Key>,
}

impl Seen {
    fn clear(&mut self) {
        self.few.clear();
        self.many.clear();
    }

    /// Adds a key; returns whether it is new.
    fn insert(&mut self, key: Key) -> bool {
        const FEW: usize = 12;
        if self.few.contains(&key) || self.few.len() == FEW && !self.many.insert(key) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(key);
        }
        true
    }
}
