//! What is behind code that runs: all that it may call, and the state that this touches.
//!
//! Much is called by many. What a definition of another unit does, seen from outside of its unit, is the same whoever calls it,
//! so it is worked out once ([`Behind`]), and only the code of the own unit is walked through for each definition that runs.
//! Where that is not the whole truth, all is walked through: where something ends the search, since what comes first
//! decides; where there may be more code than is looked at; and where units refer to each other in a circle.

use super::effects::{Class, Effects, Judged, MAX_STEPS, Touched};
use crate::base::{DefId, IdSet, Idx, UnitId, name};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns what a definition does when it runs.
pub(super) fn classify(effects: &Effects<'_>, start: DefId) -> Judged {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.in_unit(effects, start).unwrap_or_else(|| scratch.everywhere(effects, start))
    })
}

/// What is behind definitions, as far as it was asked for, seen from other units.
pub(super) struct Behind(Vec<AtomicU64>);

/// What is behind one definition.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Whether something ends the search.
    ends: bool,
    /// Whether something is written to.
    writes: bool,
    /// The first value that may be written to.
    written: Option<DefId>,
}

impl Seen {
    const KNOWN: u64 = 1;
    const ENDS: u64 = 2;
    const WRITES: u64 = 4;

    /// One number that is not 0: the value in the upper half, one more than its id.
    fn pack(self) -> u64 {
        let flag = |is_set: bool, flag: u64| if is_set { flag } else { 0 };
        let written = self.written.map_or(0, |def| u64::from(def.0) + 1);
        written << 32 | Self::KNOWN | flag(self.ends, Self::ENDS) | flag(self.writes, Self::WRITES)
    }

    fn unpack(packed: u64) -> Option<Seen> {
        let written = (packed >> 32).checked_sub(1).map(|id| DefId(id as u32));
        let has = |flag: u64| packed & flag != 0;
        has(Self::KNOWN).then_some(Seen { ends: has(Self::ENDS), writes: has(Self::WRITES), written })
    }

    fn add(&mut self, other: Seen) {
        self.ends |= other.ends;
        self.writes |= other.writes;
        self.written = first(self.written, other.written);
    }
}

fn first(a: Option<DefId>, b: Option<DefId>) -> Option<DefId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => a.or(b),
    }
}

impl Behind {
    pub(super) fn new(n_defs: usize) -> Self {
        Behind((0..n_defs).map(|_| AtomicU64::new(0)).collect())
    }

    fn get(&self, def: DefId) -> Option<Seen> {
        Seen::unpack(self.0[def.idx()].load(Ordering::Relaxed))
    }

    fn set(&self, def: DefId, seen: Seen) {
        self.0[def.idx()].store(seen.pack(), Ordering::Relaxed);
    }
}

/// What the code of a unit may reach, going by whole units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// How many definitions these units have, its own included.
    n_defs: usize,
    /// Whether some other of them may reach the unit.
    comes_back: bool,
}

/// Looks at the units that a unit may reach.
pub(super) fn span(effects: &Effects<'_>, unit: UnitId) -> Span {
    let graph = effects.tree.graph;
    let mut seen: IdSet<UnitId> = IdSet::with_room(graph.defs_of_unit.len());
    seen.insert(unit);
    let mut todo = vec![unit];
    let mut span = Span { n_defs: 0, comes_back: false };
    while let Some(next) = todo.pop() {
        span.n_defs += graph.defs_of_unit.get(next.idx()).map_or(0, ExactSizeIterator::len);
        for &reached in effects.reached_units(next) {
            span.comes_back |= reached == unit;
            if seen.insert(reached) {
                todo.push(reached);
            }
        }
    }
    span
}

/// Whether code of a unit that runs may come back to the unit from another one: walks through definitions.
pub(super) fn is_circular(effects: &Effects<'_>, unit: UnitId) -> bool {
    let graph = effects.tree.graph;
    let range = graph.defs_of_unit.get(unit.idx()).cloned().unwrap_or(0..0);
    let running = range.clone().map(DefId).filter(|&def| effects.runs(def));
    WALK.with_borrow_mut(|walk| {
        walk.begin(graph.defs.len());
        running.for_each(|def| _ = walk.find(def));
        let mut next = 0;
        while let Some(&text) = walk.found.get(next) {
            let is_own = range.contains(&text.0);
            for &def in &effects.steps(text).reaches {
                if !is_own && range.contains(&def.0) {
                    return true;
                }
                walk.find(def);
            }
            next += 1;
        }
        false
    })
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
    static WALK: RefCell<Walk> = RefCell::new(Walk::default());
}

/// Definitions that are found one after another; buffers are those of the thread.
#[derive(Default)]
struct Walk {
    /// Marks in `seen` are those of the walk whose number they hold, so that none has to be wiped.
    number: u32,
    /// For each definition, the number of the last walk that found it, and where in `found`.
    seen: Vec<(u32, u32)>,
    /// In the order in which they are found.
    found: Vec<DefId>,
}

impl Walk {
    fn begin(&mut self, n_defs: usize) {
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            // After four billion walks, old marks could be taken for new ones.
            self.seen.clear();
            self.number = 1;
        }
        if self.seen.len() < n_defs {
            self.seen.resize(n_defs, (0, 0));
        }
        self.found.clear();
    }

    /// Returns the position of a definition, which is found now if it was not before.
    fn find(&mut self, def: DefId) -> u32 {
        let seen = &mut self.seen[def.idx()];
        if seen.0 != self.number {
            *seen = (self.number, self.found.len() as u32);
            self.found.push(def);
        }
        seen.1
    }
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
        if effects.span(own).comes_back && effects.is_circular(own) {
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
        if others.ends || !self.reaches_little(effects) && self.reaches_too_much(effects, start) {
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

    /// Whether no more than is looked at can be behind what was found, going by whole units.
    fn reaches_little(&self, effects: &Effects<'_>) -> bool {
        let graph = effects.tree.graph;
        let mut units: Vec<UnitId> = self.entries.iter().map(|&def| graph.def(def).unit).collect();
        units.sort_unstable();
        units.dedup();
        let behind: usize = units.into_iter().map(|unit| effects.span(unit).n_defs).sum();
        self.walk.found.len() + behind <= MAX_STEPS
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

impl Walk {
    /// Returns the position of a definition that was found.
    fn find_again(&self, def: DefId) -> u32 {
        self.seen[def.idx()].1
    }
}

/// Who may call whom, by position in a walk.
#[derive(Default)]
struct Calls {
    /// The called one, then the caller; sorted when all are there.
    pairs: Vec<(u32, u32)>,
}

impl Calls {
    fn begin(&mut self) {
        self.pairs.clear();
    }

    fn add(&mut self, called: u32, caller: u32) {
        self.pairs.push((called, caller));
    }

    fn sort(&mut self) {
        self.pairs.sort_unstable();
    }

    /// Returns who calls one of them.
    fn of(&self, called: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.pairs.partition_point(|pair| pair.0 < called);
        self.pairs[first..].iter().take_while(move |pair| pair.0 == called).map(|pair| pair.1)
    }

    /// What is so of one is so of all that call it, directly or not.
    fn spread(&self, is_so: &mut [bool]) {
        let mut todo: Vec<u32> = (0u32..).zip(&*is_so).filter(|(_, is_so)| **is_so).map(|(i, _)| i).collect();
        while let Some(at) = todo.pop() {
            for caller in self.of(at) {
                if !std::mem::replace(&mut is_so[caller as usize], true) {
                    todo.push(caller);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::fixture::Fixture;
    use proptest::prelude::*;

    /// Units of statements: state, code that reads, writes or calls what is in scope, and code that runs.
    fn sources(units: &[Vec<(u8, u8, u8)>]) -> String {
        let mut text = String::new();
        let (mut states, mut functions): (Vec<String>, Vec<String>) = (Vec::new(), vec!["ignore".to_owned()]);
        for (unit, statements) in units.iter().enumerate() {
            let module = format!("U{unit}");
            text.push_str(&format!("(*- lib/u{unit}.ml *) "));
            let local = |path: &str| path.strip_prefix(&format!("{module}.")).unwrap_or(path).to_owned();
            for (i, &(kind, a, b)) in statements.iter().enumerate() {
                let pick = |from: &[String], at: u8| {
                    from.get(usize::from(at) % from.len().max(1)).map(|path| local(path))
                };
                let f = pick(&functions, a).unwrap_or_default();
                let g = pick(&functions, b).unwrap_or_default();
                let state = pick(&states, b);
                let (code, is_function) = match (kind, state) {
                    (0, _) => (format!("let s{i} = ref {i} "), false),
                    (1, Some(state)) => (format!("let f{i} x = {state} := 1; {f} x "), true),
                    (2, Some(state)) => (format!("let f{i} x = ignore !{state}; {f} x "), true),
                    (3, Some(state)) => (format!("let () = {f} {state} "), false),
                    (4, _) => (format!("let rec f{i} x = {f} x; h{i} x and h{i} x = f{i} x; {g} x "), true),
                    (5, _) if b == 0 => (format!("let f{i} x = print_string \"\"; {f} x "), true),
                    (6, _) => (format!("let v{i} = {f} 1 "), false),
                    _ => (format!("let f{i} x = {f} x; {g} x "), true),
                };
                text.push_str(&code);
                if kind == 0 {
                    states.push(format!("{module}.s{i}"));
                }
                if is_function {
                    functions.push(format!("{module}.f{i}"));
                }
            }
            text.push_str("let last = 1 ");
        }
        let all: Vec<String> = (0..units.len()).map(|unit| format!("let () = ignore U{unit}.last")).collect();
        format!("{text}(*- main/main.ml *) {}", all.join(" "))
    }

    proptest! {
        /// What is known of other units gives the same as a walk through all.
        #[test]
        fn code_does_the_same_by_what_is_known_and_by_a_walk(
            units in prop::collection::vec(prop::collection::vec((0u8..8, 0u8..20, 0u8..20), 1..8), 1..5),
        ) {
            let fixture = Fixture::new(&sources(&units));
            let effects = Effects::new(fixture.tree());
            let defs = (0..fixture.tree().graph.defs.len()).map(DefId::new);
            let mut scratch = Scratch::default();
            for def in defs.filter(|&def| effects.runs(def)) {
                if let Some(short) = scratch.in_unit(&effects, def) {
                    let long = scratch.everywhere(&effects, def);
                    prop_assert_eq!(short.class, long.class);
                    prop_assert_eq!(short.touched.written, long.touched.written);
                    prop_assert_eq!(short.touched.read, long.touched.read);
                }
            }
        }
    }
}
