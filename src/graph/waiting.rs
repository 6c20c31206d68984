//! What is to be done while units are resolved, the most urgent first:
//!
//! 1. long files, so that no thread has one left when the others are done;
//! 2. units of which no archive says what they link: only their text tells what follows;
//! 3. files of other units, and those that texts name (`ahead`), the longest first;
//! 4. units of which an archive says what they link. What they look at has been read by then: a thread that comes upon a
//!    file which another is reading has to wait for it;
//! 5. files of units that will probably be linked, for threads that have nothing else to do while others have.

use crate::base::{FileId, UnitId};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// One thing to do.
pub(super) enum Task {
    Read(FileId),
    /// Resolves a unit to see what follows.
    Follow(UnitId),
    Resolve(UnitId),
    /// Reads the files of a unit that may be linked.
    Guess(UnitId),
}

/// A file is long from so many bytes on: some milliseconds of work.
const LONG_BYTES: u64 = 32 << 10;

/// What is to be done.
#[derive(Default)]
pub(super) struct Waiting {
    /// With their lengths.
    pub(super) files: BinaryHeap<(u64, Reverse<FileId>)>,
    /// Of which no archive says what they link.
    pub(super) unknown: Vec<UnitId>,
    pub(super) known: BinaryHeap<Reverse<UnitId>>,
    pub(super) guesses: VecDeque<UnitId>,
    /// How many things are under way, guesses left out.
    pub(super) n_running: usize,
}

impl Waiting {
    /// Takes what is most urgent.
    pub(super) fn next(&mut self) -> Option<Task> {
        let is_long = |&(length, _): &(u64, Reverse<FileId>)| length >= LONG_BYTES;
        let task = if self.files.peek().is_some_and(is_long) {
            self.files.pop().map(|(_, Reverse(file))| Task::Read(file))
        } else {
            // The last unit first: its evaluator has at hand what the names around it mean.
            let unknown = self.unknown.pop().map(Task::Follow);
            let file = || self.files.pop().map(|(_, Reverse(file))| Task::Read(file));
            let known = || self.known.pop().map(|Reverse(unit)| Task::Resolve(unit));
            unknown.or_else(file).or_else(known)
        };
        self.n_running += usize::from(task.is_some());
        task.or_else(|| self.guess())
    }

    /// Takes a guess, if others are still finding out whether it is right.
    fn guess(&mut self) -> Option<Task> {
        let guess = self.guesses.pop_front().filter(|_| self.n_running > 0);
        guess.map(Task::Guess)
    }

    /// Takes something that needs nobody else.
    pub(super) fn reading(&mut self) -> Option<Task> {
        let file = self.files.pop().map(|(_, Reverse(file))| Task::Read(file));
        self.n_running += usize::from(file.is_some());
        file.or_else(|| self.guess())
    }
}
