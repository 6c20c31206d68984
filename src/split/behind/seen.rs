//! What is known to be behind definitions, one number each, shared by all threads.

use crate::base::{DefId, Idx};
use std::sync::atomic::{AtomicU64, Ordering};

/// What is behind definitions, as far as it was asked for, seen from other units.
pub(crate) struct Behind(Vec<AtomicU64>);

/// What is behind one definition.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// Whether something ends the search.
    pub(super) ends: bool,
    /// Whether something is written to.
    pub(super) writes: bool,
    /// The first value that may be written to.
    pub(super) written: Option<DefId>,
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

    pub(super) fn add(&mut self, other: Seen) {
        self.ends |= other.ends;
        self.writes |= other.writes;
        self.written = first(self.written, other.written);
    }
}

/// Returns the one that comes first, of those that there are.
pub(super) fn first(a: Option<DefId>, b: Option<DefId>) -> Option<DefId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => a.or(b),
    }
}

impl Behind {
    pub(crate) fn new(n_defs: usize) -> Self {
        Behind((0..n_defs).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn get(&self, def: DefId) -> Option<Seen> {
        Seen::unpack(self.0[def.idx()].load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, def: DefId, seen: Seen) {
        self.0[def.idx()].store(seen.pack(), Ordering::Relaxed);
    }
}
