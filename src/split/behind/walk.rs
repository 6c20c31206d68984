//! Walks through definitions, and who calls whom of those that were found.

use crate::base::{DefId, Idx};

/// Definitions that are found one after another; buffers are those of the thread.
#[derive(Default)]
pub(super) struct Walk {
    /// Marks in `seen` are those of the walk whose number they hold, so that none has to be wiped.
    number: u32,
    /// For each definition, the number of the last walk that found it, and where in `found`.
    seen: Vec<(u32, u32)>,
    /// In the order in which they are found.
    pub(super) found: Vec<DefId>,
}

impl Walk {
    pub(super) fn begin(&mut self, n_defs: usize) {
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
    pub(super) fn find(&mut self, def: DefId) -> u32 {
        let seen = &mut self.seen[def.idx()];
        if seen.0 != self.number {
            *seen = (self.number, self.found.len() as u32);
            self.found.push(def);
        }
        seen.1
    }

    /// Returns the position of a definition that was found.
    pub(super) fn find_again(&self, def: DefId) -> u32 {
        self.seen[def.idx()].1
    }
}

/// Who may call whom, by position in a walk.
#[derive(Default)]
pub(super) struct Calls {
    /// The called one, then the caller; sorted when all are there.
    pairs: Vec<(u32, u32)>,
}

impl Calls {
    pub(super) fn begin(&mut self) {
        self.pairs.clear();
    }

    pub(super) fn add(&mut self, called: u32, caller: u32) {
        self.pairs.push((called, caller));
    }

    pub(super) fn sort(&mut self) {
        self.pairs.sort_unstable();
    }

    /// Returns who calls one of them.
    pub(super) fn of(&self, called: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.pairs.partition_point(|pair| pair.0 < called);
        self.pairs[first..].iter().take_while(move |pair| pair.0 == called).map(|pair| pair.1)
    }

    /// What is so of one is so of all that call it, directly or not.
    pub(super) fn spread(&self, is_so: &mut [bool]) {
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
