//! What the code of units may reach, going by whole units, or by all code of one that runs.

use super::walk::Walk;
use crate::base::{DefId, IdSet, Idx, UnitId};
use crate::split::effects::{Effects, MAX_STEPS};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use std::cell::RefCell;

/// What the code of each unit may reach, going by whole units.
pub(crate) struct Units {
    /// How many definitions the units have that each may reach, its own included; one more than are looked at stands for all
    /// that is more.
    n_defs: Vec<u32>,
    /// The units that some other unit which they may reach may reach.
    circular: IdSet<UnitId>,
}

impl Units {
    /// Looks at all units: first those that reach nothing else. Units that reach each other have the same behind them, so each
    /// adds what is behind those that it reaches to itself. What has more behind it than is looked at need not be known.
    pub(crate) fn new(effects: &Effects<'_>) -> Self {
        let graph = effects.tree.graph;
        let n_units = graph.defs_of_unit.len();
        let mut calls = DiGraph::<(), (), u32>::with_capacity(n_units, n_units * 8);
        (0..n_units).for_each(|_| _ = calls.add_node(()));
        for unit in 0..n_units as u32 {
            for reached in effects.reached_units(UnitId(unit)) {
                calls.add_edge(unit.into(), reached.0.into(), ());
            }
        }
        let many = MAX_STEPS as u32 + 1;
        let mut units = Units { n_defs: vec![many; n_units], circular: IdSet::default() };
        // For each unit, those that it may reach, itself included, as long as they are few.
        let mut behind: Vec<Vec<UnitId>> = vec![Vec::new(); n_units];
        let mut mark = vec![u32::MAX; n_units];
        for circle in kosaraju_scc(&calls) {
            let circle: Vec<UnitId> = circle.into_iter().map(|node| UnitId::new(node.index())).collect();
            let (first, others) = (circle[0], &circle[1..]);
            let mut all: Vec<UnitId> = Vec::new();
            let mut n_defs = 0;
            let mut add = |unit: UnitId| {
                if std::mem::replace(&mut mark[unit.idx()], first.0) != first.0 {
                    n_defs += graph.defs_of_unit[unit.idx()].len() as u32;
                    all.push(unit);
                }
                n_defs < many
            };
            let is_little = circle.iter().all(|&unit| {
                add(unit)
                    && effects.reached_units(unit).iter().all(|&reached| {
                        let is_other = !circle.contains(&reached);
                        !is_other
                            || units.n_defs[reached.idx()] < many
                                && behind[reached.idx()].iter().all(|&unit| add(unit))
                    })
            });
            if !others.is_empty() {
                units.circular.extend(circle.iter().copied());
            }
            if is_little {
                circle.iter().for_each(|unit| units.n_defs[unit.idx()] = n_defs);
                others.iter().for_each(|unit| behind[unit.idx()].clone_from(&all));
                behind[first.idx()] = all;
            }
        }
        units
    }

    pub(super) fn n_defs(&self, unit: UnitId) -> usize {
        self.n_defs.get(unit.idx()).map_or(0, |&n| n as usize)
    }

    pub(super) fn comes_back(&self, unit: UnitId) -> bool {
        self.circular.contains(unit)
    }
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
    let may_be_circular = effects.units().comes_back(unit);
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
