//! How far the evaluation for one unit may go, and how far it went.
//!
//! What comes to a limit is cut short, and the result depends on where it was asked for. So it must not depend on what an
//! evaluator knows from other units: which these are depends on threads. What is known is counted as if it was evaluated
//! here ([`Tally::count`]); where that may come to a limit, the unit is evaluated once more by somebody who knows nothing
//! ([`Tally::is_cut`]).

/// Evaluation steps nested in each other, at most. Real code stays below 60.
const MAX_DEPTH: u32 = 220;
/// Evaluation steps of one unit, at most: this many, and so many more for each reference. Installed units need
/// 1.3 for a reference in the mean, and 43 at most.
const STEPS: u64 = 50_000;
const STEPS_OF_REFERENCE: u64 = 100;

/// What an evaluation takes where nothing is known before.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    /// How many steps were nested in each other.
    height: u32,
    /// How many there were; perhaps fewer, where some are part of several others.
    steps: u64,
    /// The number of the unit that it was counted for last.
    counted: u64,
}

/// What is counted for one unit after another.
pub(super) struct Tally {
    /// Steps that are nested in each other now.
    depth: u32,
    /// How deep they were nested, with those that need not be taken.
    deepest: u32,
    steps: u64,
    /// Steps that need not be taken because they were taken for other units.
    spared: u64,
    max_steps: u64,
    /// The number of the unit.
    unit: u64,
}

/// Where an evaluation began.
pub(super) struct Start {
    deepest: u32,
    steps: u64,
}

impl Tally {
    /// Makes a tally for what is asked besides units.
    pub(super) fn new() -> Tally {
        Tally { depth: 0, deepest: 0, steps: 0, spared: 0, max_steps: STEPS, unit: 0 }
    }

    /// Begins with a unit that has so many references.
    pub(super) fn begin(&mut self, n_references: usize) {
        let max_steps = STEPS + STEPS_OF_REFERENCE * n_references as u64;
        *self = Tally { max_steps, unit: self.unit + 1, depth: self.depth, ..Tally::new() };
    }

    /// Whether units were counted before this one.
    pub(super) fn has_others(&self) -> bool {
        self.unit > 1
    }

    /// Whether the steps were used up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > self.max_steps
    }

    /// Whether a limit was reached, or may have been if nothing had been known before.
    pub(super) fn is_cut(&self) -> bool {
        self.deepest >= MAX_DEPTH || self.steps + self.spared > self.max_steps
    }

    /// Takes a step, which others may be nested in; says whether it is one too many.
    pub(super) fn is_at_limit(&mut self) -> bool {
        self.steps += 1;
        self.deepest = self.deepest.max(self.depth);
        self.depth >= MAX_DEPTH || self.is_exhausted()
    }

    /// Returns how many steps were taken for this unit.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    pub(super) fn enter(&mut self) {
        self.depth += 1;
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Begins with something whose cost is wanted.
    pub(super) fn start(&mut self) -> Start {
        let deepest = std::mem::replace(&mut self.deepest, self.depth);
        Start { deepest, steps: self.steps + self.spared }
    }

    /// Returns what it cost.
    pub(super) fn cost_since(&mut self, start: &Start) -> Cost {
        let height = self.deepest - self.depth;
        self.deepest = self.deepest.max(start.deepest);
        Cost { height, steps: self.steps + self.spared - start.steps, counted: self.unit }
    }

    /// Counts what is known, so many steps below this one.
    pub(super) fn count(&mut self, cost: &mut Cost, below: u32) {
        self.deepest = self.deepest.max(self.depth + below + cost.height);
        if std::mem::replace(&mut cost.counted, self.unit) != self.unit {
            self.spared = self.spared.saturating_add(cost.steps);
        }
    }
}
