//! What is behind code that runs: all that it may call, and the state that this touches.
//!
//! Much is called by many. What a definition of another unit does, seen from outside of its unit, is the same whoever calls it,
//! so it is worked out once ([`Behind`]), and only the code of the own unit is walked through for each definition that runs.
//! Where that is not the whole truth, all is walked through: where something ends the search, since what comes first
//! decides; where there may be more code than is looked at; and where units refer to each other in a circle.

mod reads;
mod seen;
mod units;
mod walk;

#[cfg(test)]
mod tests;

pub(super) use reads::Reads;
pub(super) use seen::Behind;
pub(super) use units::{AllRunning, Units, all_running};

use super::effects::{Class, Effects, Judged, MAX_STEPS, Touched};
use crate::base::{DefId, Idx, UnitId, name};
use seen::{Seen, first};
use std::cell::RefCell;
use walk::{Calls, Walk};

/// Returns what a definition does when it runs.
pub(super) fn classify(effects: &Effects<'_>, start: DefId) -> Judged {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.in_unit(effects, start).unwrap_or_else(|| scratch.everywhere(effects, start))
    })
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

#[derive(Default)]
struct Scratch {
    walk: Walk,
    behind: Walk,
    /// Definitions of other units that may be called.
    entries: Vec<DefId>,
    /// Values that can be written to, each with the position of a text that names it.
    states: Vec<(DefId, u32)>,
    calls: Calls,
}

impl Scratch {
    /// Walks through the code of the unit, and takes what is behind other code as it is known; none where that does not do.
    fn in_unit(&mut self, effects: &Effects<'_>, start: DefId) -> Option<Judged> {
        let graph = effects.tree.graph;
        let own = graph.def(start).unit;
        if effects.units.comes_back(effects, own) && effects.all_running(own).is_circular {
            return None;
        }
        let range = graph.defs_of_unit.get(own.idx())?.clone();
        self.walk.begin(graph.defs.len());
        self.walk.find(start);
        self.entries.clear();
        self.states.clear();
        let mut next = 0;
        while next < self.walk.found.len() {
            let steps = effects.steps(self.walk.found[next]);
            if steps.end.is_some() {
                return None;
            }
            for &(def, unit, is_state) in &steps.states {
                if if unit == own { effects.may_hold_state(def, true) } else { is_state } {
                    self.states.push((def, next as u32));
                }
            }
            for &def in &steps.reaches {
                if range.contains(&def.0) {
                    self.walk.find(def);
                } else {
                    self.entries.push(def);
                }
            }
            next += 1;
        }
        let mut others = Seen::default();
        for i in 0..self.entries.len() {
            others.add(self.look_behind(effects, self.entries[i]));
        }
        if others.ends || !self.reaches_little(effects, own) && self.reaches_too_much(effects, start) {
            return None;
        }
        let mut writes = Vec::new();
        if !self.states.is_empty() {
            self.calls.begin();
            for (caller, &text) in (0u32..).zip(&self.walk.found) {
                let steps = effects.steps(text);
                let mut is_writing = steps.writes;
                for &def in &steps.reaches {
                    if range.contains(&def.0) {
                        self.calls.add(self.walk.find_again(def), caller);
                    } else {
                        is_writing |= effects.behind.get(def).is_some_and(|behind| behind.writes);
                    }
                }
                writes.push(is_writing);
            }
            self.calls.sort();
            self.calls.spread(&mut writes);
        }
        let is_own = |def: DefId| range.contains(&def.0);
        let mut touched = Touched::default();
        for &(state, text) in &self.states {
            let is_written = writes[text as usize];
            if is_own(state) {
                touched.read.push(state);
                if is_written {
                    touched.written.push(state);
                }
            } else if is_written {
                others.written = first(others.written, Some(state));
            }
        }
        for states in [&mut touched.read, &mut touched.written] {
            states.sort_unstable();
            states.dedup();
        }
        let class = match others.written {
            Some(state) => Class::Registers(graph.def(state).unit),
            None if touched.written.is_empty() => Class::Pure,
            None => Class::OwnState,
        };
        Some(Judged { class, touched })
    }

    /// Whether no more than is looked at can be behind what was found: going by whole units, or by all code of the unit that
    /// runs.
    fn reaches_little(&self, effects: &Effects<'_>, own: UnitId) -> bool {
        let units = &effects.units;
        if units.n_defs(effects, own) <= MAX_STEPS {
            return true;
        }
        let graph = effects.tree.graph;
        let mut entered: Vec<UnitId> = self.entries.iter().map(|&def| graph.def(def).unit).collect();
        entered.sort_unstable();
        entered.dedup();
        let behind: usize = entered.into_iter().map(|unit| units.n_defs(effects, unit)).sum();
        self.walk.found.len() + behind <= MAX_STEPS || effects.all_running(own).reaches_little
    }

    /// Whether a definition may call more than is looked at.
    fn reaches_too_much(&mut self, effects: &Effects<'_>, start: DefId) -> bool {
        let walk = &mut self.behind;
        walk.begin(effects.tree.graph.defs.len());
        walk.find(start);
        let mut next = 0;
        while let Some(&text) = walk.found.get(next)
            && walk.found.len() <= MAX_STEPS
        {
            effects.steps(text).reaches.iter().for_each(|&def| _ = walk.find(def));
            next += 1;
        }
        walk.found.len() > MAX_STEPS
    }

    /// Returns what is behind a definition, seen from another unit, and keeps it for all that is found on the way.
    fn look_behind(&mut self, effects: &Effects<'_>, start: DefId) -> Seen {
        if let Some(known) = effects.behind.get(start) {
            return known;
        }
        let walk = &mut self.behind;
        walk.begin(effects.tree.graph.defs.len());
        walk.find(start);
        self.calls.begin();
        let mut behind: Vec<Seen> = Vec::new();
        let mut states: Vec<Option<DefId>> = Vec::new();
        while let Some(&text) = walk.found.get(behind.len()) {
            let at = behind.len() as u32;
            let steps = effects.steps(text);
            let mut seen = Seen { ends: steps.end.is_some(), writes: steps.writes, written: None };
            for &def in &steps.reaches {
                match effects.behind.get(def) {
                    Some(known) => seen.add(known),
                    None => self.calls.add(walk.find(def), at),
                }
            }
            behind.push(seen);
            states.push(steps.states.iter().filter(|state| state.2).map(|state| state.0).min());
        }
        self.calls.sort();
        let mut ends: Vec<bool> = behind.iter().map(|seen| seen.ends).collect();
        let mut writes: Vec<bool> = behind.iter().map(|seen| seen.writes).collect();
        self.calls.spread(&mut ends);
        self.calls.spread(&mut writes);
        for (i, seen) in behind.iter_mut().enumerate() {
            (seen.ends, seen.writes) = (ends[i], writes[i]);
            if seen.writes {
                seen.written = first(seen.written, states[i]);
            }
        }
        // Whoever reaches a value has it or one that comes before.
        let mut sources: Vec<(DefId, u32)> =
            (0u32..).zip(&behind).filter_map(|(i, seen)| Some((seen.written?, i))).collect();
        sources.sort_unstable();
        let mut is_done = vec![false; behind.len()];
        let mut todo = Vec::new();
        for (written, source) in sources {
            todo.push(source);
            while let Some(at) = todo.pop() {
                if !std::mem::replace(&mut is_done[at as usize], true) {
                    behind[at as usize].written = Some(written);
                    todo.extend(self.calls.of(at));
                }
            }
        }
        for (&text, &seen) in walk.found.iter().zip(&behind) {
            effects.behind.set(text, seen);
        }
        behind[0]
    }

    /// Walks through all that may be called, in order.
    fn everywhere(&mut self, effects: &Effects<'_>, start: DefId) -> Judged {
        let graph = effects.tree.graph;
        let own = graph.def(start).unit;
        self.walk.begin(graph.defs.len());
        self.walk.find(start);
        self.states.clear();
        let mut next = 0;
        while next < self.walk.found.len() {
            if next > MAX_STEPS {
                return Judged::as_class(Class::Unknown(name("it reaches too much code")));
            }
            let steps = effects.steps(self.walk.found[next]);
            if let Some(class) = steps.end {
                return Judged::as_class(class);
            }
            for &(def, unit, is_state) in &steps.states {
                if if unit == own { effects.may_hold_state(def, true) } else { is_state } {
                    self.states.push((def, next as u32));
                }
            }
            steps.reaches.iter().for_each(|&def| _ = self.walk.find(def));
            next += 1;
        }
        let mut touched = self.touched(effects);
        let foreign = touched.written.iter().map(|&def| graph.def(def).unit).find(|&unit| unit != own);
        let is_own = |def: &DefId| graph.def(*def).unit == own;
        touched.written.retain(is_own);
        touched.read.retain(is_own);
        let class = match foreign {
            Some(unit) => Class::Registers(unit),
            None if touched.written.is_empty() => Class::Pure,
            None => Class::OwnState,
        };
        Judged { class, touched }
    }

    /// What is written to, once all that may be called is found: whoever calls something that writes may pass it what it names.
    fn touched(&mut self, effects: &Effects<'_>) -> Touched {
        if self.states.is_empty() {
            return Touched::default();
        }
        self.calls.begin();
        let mut writes = Vec::new();
        for (caller, &text) in (0u32..).zip(&self.walk.found) {
            let steps = effects.steps(text);
            writes.push(steps.writes);
            steps.reaches.iter().for_each(|&def| self.calls.add(self.walk.find_again(def), caller));
        }
        self.calls.sort();
        self.calls.spread(&mut writes);
        let states = |only_written: bool| -> Vec<DefId> {
            let all = self.states.iter().filter(|&&(_, text)| !only_written || writes[text as usize]);
            let mut all: Vec<DefId> = all.map(|&(state, _)| state).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        Touched { written: states(true), read: states(false) }
    }
}
