//! What leaves with a unit: dominators of the unit graph of a linked set.
//!
//! Unit D dominates unit U when every way from a root to U goes through D. The bytes of all that D dominates, itself
//! included, are what D *retains*: they would leave the program if nothing recorded D any more.

use super::closure::{LinkedSet, Reason};
use super::input::Links;
use crate::base::{Idx, UnitId};
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};

/// Retained bytes and the dominator tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Retained {
    /// For each unit, by position in [`LinkedSet::units`], the unit through which alone it is reached; `None` for roots and
    /// for what several of them bring.
    pub dominator: Vec<Option<UnitId>>,
    /// For each unit, by position, the bytes of the units that only it brings, itself included.
    pub bytes: Vec<u64>,
    /// For each unit, by position, the number of those units, itself included.
    pub n_units: Vec<u32>,
}

impl Retained {
    /// Whether every way to the linked unit `other` goes through `unit`; true for a unit and itself.
    #[must_use]
    pub fn dominates(&self, linked: &LinkedSet, unit: UnitId, other: UnitId) -> bool {
        let mut at = Some(other);
        while let Some(other) = at {
            if other == unit {
                return true;
            }
            let position = linked.units.iter().position(|&linked| linked == other);
            at = position.and_then(|i| self.dominator[i]);
        }
        false
    }
}

/// Computes what each unit of a linked set retains; `bytes` says what one unit costs.
#[must_use]
pub fn retained(linked: &LinkedSet, links: &impl Links, bytes: impl Fn(UnitId) -> u64) -> Retained {
    let n = linked.units.len();
    let mut position = vec![u32::MAX; links.n_units()];
    for (i, unit) in linked.units.iter().enumerate() {
        if let Some(slot) = position.get_mut(unit.idx()) {
            *slot = i as u32;
        }
    }
    let mut graph = DiGraph::<(), (), u32>::with_capacity(n + 1, n * 6);
    (0..=n).for_each(|_| {
        graph.add_node(());
    });
    // Position i is node i; the node behind them stands for the linker's command line.
    let root = NodeIndex::new(n);
    for (i, (unit, reason)) in linked.iter().enumerate() {
        if !matches!(reason, Reason::By(_)) {
            graph.add_edge(root, NodeIndex::new(i), ());
        }
        for used in links.links(unit) {
            let j = position[used.idx()];
            if j != u32::MAX && j as usize != i {
                graph.add_edge(NodeIndex::new(i), NodeIndex::new(j as usize), ());
            }
        }
    }
    let dominators = simple_fast(&graph, root);
    let parents: Vec<Option<usize>> = (0..n)
        .map(|i| dominators.immediate_dominator(NodeIndex::new(i)).map(NodeIndex::index).filter(|&p| p < n))
        .collect();
    sum_up(linked, &parents, bytes)
}

/// Adds the bytes of each unit to all that dominate it.
fn sum_up(linked: &LinkedSet, parents: &[Option<usize>], bytes: impl Fn(UnitId) -> u64) -> Retained {
    let mut sums: Vec<u64> = linked.units.iter().map(|&unit| bytes(unit)).collect();
    let mut counts = vec![1u32; sums.len()];
    let mut n_children = vec![0u32; sums.len()];
    for &parent in parents.iter().flatten() {
        n_children[parent] += 1;
    }
    let mut leaves: Vec<usize> = (0..sums.len()).filter(|&i| n_children[i] == 0).collect();
    while let Some(i) = leaves.pop() {
        if let Some(parent) = parents[i] {
            sums[parent] += sums[i];
            counts[parent] += counts[i];
            n_children[parent] -= 1;
            if n_children[parent] == 0 {
                leaves.push(parent);
            }
        }
    }
    let dominator = parents.iter().map(|parent| parent.map(|i| linked.units[i])).collect();
    Retained { dominator, bytes: sums, n_units: counts }
}
