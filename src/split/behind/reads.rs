//! Of which other units code may read what can be written to.

use super::walk::Walk;
use crate::base::{DefId, UnitId};
use crate::split::effects::{Effects, MAX_STEPS};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

/// What was asked for: few ask, and of few definitions.
#[derive(Default)]
pub(crate) struct Reads(Mutex<FxHashMap<DefId, Arc<[UnitId]>>>);

thread_local! {
    static WALK: RefCell<Walk> = RefCell::new(Walk::default());
}

impl Reads {
    /// Returns the other units of which a definition that runs may read values that can be written to, sorted.
    /// APPROX: what is behind more definitions than are looked at is not read.
    pub(crate) fn units(&self, effects: &Effects<'_>, def: DefId) -> Arc<[UnitId]> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&def).cloned();
        known.unwrap_or_else(|| {
            let units: Arc<[UnitId]> = find(effects, def).into();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(def, units.clone());
            units
        })
    }
}

fn find(effects: &Effects<'_>, start: DefId) -> Vec<UnitId> {
    let graph = effects.tree.graph;
    let own = graph.def(start).unit;
    let mut units = Vec::new();
    WALK.with_borrow_mut(|walk| {
        walk.begin(graph.defs.len());
        walk.find(start);
        let mut next = 0;
        while let Some(&text) = walk.found.get(next)
            && next <= MAX_STEPS
        {
            let steps = effects.steps(text);
            let others = steps.states.iter().filter(|&&(_, unit, is_state)| is_state && unit != own);
            units.extend(others.map(|&(_, unit, _)| unit));
            steps.reaches.iter().for_each(|&def| _ = walk.find(def));
            next += 1;
        }
    });
    units.sort_unstable();
    units.dedup();
    units
}
