//! What the code of units may reach, going by whole units, or by all code of one that runs.

use super::walk::Walk;
use crate::base::{DefId, IdSet, Idx, UnitId};
use crate::split::effects::{Effects, MAX_STEPS};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::OnceLock;

/// What the code of units may reach, going by whole units; found out for a unit when first asked for.
pub(crate) struct Units {
    /// How many definitions the units have that each may reach, its own included; one more than are looked at stands for all
    /// that is more.
    n_defs: Vec<OnceLock<u32>>,
    /// Whether some other unit that each may reach may reach it.
    is_circular: Vec<OnceLock<bool>>,
}

impl Units {
    pub(crate) fn new(n_units: usize) -> Self {
        Units { n_defs: vec![OnceLock::new(); n_units], is_circular: vec![OnceLock::new(); n_units] }
    }

    /// How many definitions the units have that a unit may reach, its own included; what is more than are looked at need not be
    /// known.
    pub(super) fn n_defs(&self, effects: &Effects<'_>, unit: UnitId) -> usize {
        let known = self.n_defs.get(unit.idx());
        known.map_or(0, |known| *known.get_or_init(|| n_defs_behind(effects, unit)) as usize)
    }

    /// Whether some other unit that a unit may reach may reach it. What is found out of others on the way is kept.
    pub(super) fn comes_back(&self, effects: &Effects<'_>, unit: UnitId) -> bool {
        let is_circular = |unit: UnitId| self.is_circular.get(unit.idx())?.get().copied();
        is_circular(unit).unwrap_or_else(|| {
            // No circle leads through a unit that is in none. One that is in some is looked at again: another thread may be
            // about to say so of the others.
            let is_open = |unit: UnitId| is_circular(unit) != Some(false);
            for circle in circles(effects, unit, is_open) {
                circle.iter().for_each(|unit| _ = self.is_circular[unit.idx()].set(circle.len() > 1));
            }
            is_circular(unit) == Some(true)
        })
    }
}

fn n_defs_behind(effects: &Effects<'_>, unit: UnitId) -> u32 {
    let defs_of_unit = &effects.tree.graph.defs_of_unit;
    let mut seen: IdSet<UnitId> = IdSet::with_room(defs_of_unit.len());
    seen.insert(unit);
    let mut todo = vec![unit];
    let mut n_defs = 0;
    while let Some(unit) = todo.pop() {
        n_defs += defs_of_unit[unit.idx()].len();
        if n_defs > MAX_STEPS {
            return MAX_STEPS as u32 + 1;
        }
        todo.extend(effects.reached_units(unit).iter().copied().filter(|&reached| seen.insert(reached)));
    }
    n_defs as u32
}

/// Returns the units that a unit may reach over open ones, those together that reach each other.
fn circles(effects: &Effects<'_>, unit: UnitId, is_open: impl Fn(UnitId) -> bool) -> Vec<Vec<UnitId>> {
    let mut calls = DiGraph::<UnitId, (), u32>::new();
    let mut nodes = FxHashMap::from_iter([(unit, calls.add_node(unit))]);
    let mut next = 0;
    while let Some(&unit) = calls.node_weight(NodeIndex::new(next)) {
        for &reached in effects.reached_units(unit).iter().filter(|&&reached| is_open(reached)) {
            let node = *nodes.entry(reached).or_insert_with(|| calls.add_node(reached));
            calls.add_edge(NodeIndex::new(next), node, ());
        }
        next += 1;
    }
    let units = |circle: Vec<NodeIndex>| circle.into_iter().map(|node| calls[node]).collect();
    kosaraju_scc(&calls).into_iter().map(units).collect()
}

/// What is behind all code of a unit that runs, taken together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllRunning {
    /// Whether it may come back to the unit from another one.
    pub(super) is_circular: bool,
    /// Whether no more is behind it than is looked at.
    pub(super) reaches_little: bool,
}

thread_local! {
    static WALK: RefCell<Walk> = RefCell::new(Walk::default());
}

/// Walks through all definitions behind the code of a unit that runs.
pub(crate) fn all_running(effects: &Effects<'_>, unit: UnitId) -> AllRunning {
    let graph = effects.tree.graph;
    let range = graph.defs_of_unit.get(unit.idx()).cloned().unwrap_or(0..0);
    let running = range.clone().map(DefId).filter(|&def| effects.runs(def));
    let may_be_circular = effects.units.comes_back(effects, unit);
    WALK.with_borrow_mut(|walk| {
        walk.begin(graph.defs.len());
        running.for_each(|def| _ = walk.find(def));
        let mut is_circular = false;
        let mut next = 0;
        while let Some(&text) = walk.found.get(next)
            && (walk.found.len() <= MAX_STEPS || may_be_circular && !is_circular)
        {
            let is_own = range.contains(&text.0);
            for &def in &effects.steps(text).reaches {
                is_circular |= !is_own && range.contains(&def.0);
                walk.find(def);
            }
            next += 1;
        }
        AllRunning { is_circular, reaches_little: walk.found.len() <= MAX_STEPS }
    })
}
