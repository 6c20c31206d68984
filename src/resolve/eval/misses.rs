//! Names that were looked for at length and in vain: from the second time on that is known.
//!
//! A name that none of a module's includes has is looked for in all of them, and in all of theirs. Where these meet again
//! further down, the ways double at every level; nothing is found on any of them, so the first that ends could be the last.
//!
//! What is found is not kept: the way to it has marks of its own (`hops`), and it ends the search. Neither is what takes few
//! steps, which is nearly all: a table of those would take longer than the steps.

use super::model::{Find, Module, Reason};
use super::{Evaluator, Trail};
use crate::base::Name;
use crate::resolve::index::Space;
use rustc_hash::FxHashMap;

/// More steps than a name takes in real code: there it is 43 at most, for all the modules of its path.
pub(super) const LONG: u64 = 512;

pub(super) type Key = (Module, Space, Name);

/// What was looked for so far.
#[derive(Default)]
pub(super) struct Misses {
    /// A bit for each name by its number: nearly all names that are looked for are told by it from those few.
    names: [u64; 16],
    /// By what was looked for, the answer and what was gone through; `None` until it is asked again, as that is not noted down
    /// the first time.
    known: FxHashMap<Key, Option<(Miss, Trail)>>,
}

impl Misses {
    /// Whether something was looked for at length and in vain.
    #[inline]
    pub(super) fn has(&self, module: Module, space: Space, name: Name) -> bool {
        let (word, bit) = place(name);
        self.names[word] & bit != 0 && self.known.contains_key(&(module, space, name))
    }
}

#[inline]
fn place(name: Name) -> (usize, u64) {
    let number = name.number();
    (number as usize / 64 % 16, 1 << (number % 64))
}

/// Why nothing is found.
#[derive(Clone, Copy)]
pub(super) enum Miss {
    Absent,
    Unknown(Reason),
}

impl Miss {
    fn of(found: &Find) -> Option<Miss> {
        match found {
            Find::Absent => Some(Miss::Absent),
            Find::Unknown(reason) => Some(Miss::Unknown(*reason)),
            Find::Found(_) | Find::Local => None,
        }
    }
}

impl From<Miss> for Find {
    fn from(miss: Miss) -> Find {
        match miss {
            Miss::Absent => Find::Absent,
            Miss::Unknown(reason) => Find::Unknown(reason),
        }
    }
}

impl Evaluator<'_> {
    /// Notes that looking for something took long.
    #[cold]
    pub(super) fn took_long(&mut self, key: Key, found: &Find) {
        if Miss::of(found).is_some() {
            let (word, bit) = place(key.2);
            self.misses.names[word] |= bit;
            self.misses.known.entry(key).or_default();
        }
    }

    /// Looks for something that was not found before, at length.
    #[cold]
    pub(super) fn find_missed(&mut self, key: Key) -> Find {
        if let Some(Some((miss, trail))) = self.misses.known.get_mut(&key) {
            self.hops.extend_from_slice(&trail.hops);
            self.mentioned.add_all(&trail.mentioned);
            self.read.get_mut().add_all(&trail.read);
            self.tally.count(&mut trail.cost, 1);
            return (*miss).into();
        }
        let (module, space, name) = key;
        self.tally.enter();
        let (found, trail) = self.on_the_way(|eval| eval.find_member(module, space, name));
        self.tally.leave();
        self.hops.extend_from_slice(&trail.hops);
        self.mentioned.add_all(&trail.mentioned);
        if let Some(miss) = Miss::of(&found) {
            self.misses.known.insert(key, Some((miss, trail)));
        }
        found
    }
}
