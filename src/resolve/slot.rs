//! The place of one file: read once, by whichever thread comes first.
//!
//! A file may be read ahead, before anybody has asked for it. One that nobody asks for in the end was never read, as far as
//! others can tell: how much is read ahead may depend on threads.

use super::world::File;
use crate::base::Problem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

#[derive(Default)]
pub(super) struct Slot {
    read: OnceLock<Reading>,
    /// Whether some thread reads it, or has.
    is_begun: AtomicBool,
    /// Whether somebody has asked for it.
    is_asked: AtomicBool,
}

/// What came of reading a file.
pub(super) struct Reading {
    /// `None` when it cannot be read.
    pub(super) file: Option<Arc<File>>,
    pub(super) problems: Vec<Problem>,
}

impl Slot {
    /// The place of a file that may be known.
    pub(super) fn of(file: Option<Arc<File>>) -> Slot {
        let is_known = file.is_some();
        let reading = file.map(|file| Reading { file: Some(file), problems: Vec::new() });
        let read = reading.map_or(OnceLock::new(), OnceLock::from);
        Slot { read, is_begun: is_known.into(), is_asked: is_known.into() }
    }

    /// Asks for the file; it is read if nobody has, and waited for if some thread does.
    pub(super) fn get(&self, read: impl FnOnce() -> Reading) -> Option<&Arc<File>> {
        self.ask();
        let reading = self.read.get_or_init(|| {
            self.is_begun.store(true, Ordering::Relaxed);
            read()
        });
        reading.file.as_ref()
    }

    /// Asks for the file, which somebody will read.
    pub(super) fn ask(&self) {
        // A look first: threads would take the place from each other's caches by writing.
        if !self.is_asked.load(Ordering::Relaxed) {
            self.is_asked.store(true, Ordering::Relaxed);
        }
    }

    /// Reads the file, unless some thread does so or has. Says whether that was needed.
    pub(super) fn read_ahead(&self, read: impl FnOnce() -> Reading) -> bool {
        let is_first = !self.is_begun.swap(true, Ordering::Relaxed);
        if is_first {
            self.read.get_or_init(read);
        }
        is_first
    }

    /// Returns the file if it was read, whoever asked.
    pub(super) fn peek(&self) -> Option<&Arc<File>> {
        self.read.get()?.file.as_ref()
    }

    pub(super) fn is_begun(&self) -> bool {
        self.is_begun.load(Ordering::Relaxed)
    }

    pub(super) fn is_being_read(&self) -> bool {
        self.is_begun() && self.read.get().is_none()
    }

    /// Takes what was read, if somebody has asked for it.
    pub(super) fn into_asked(self) -> Option<Reading> {
        self.read.into_inner().filter(|_| self.is_asked.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Code, Severity};

    fn reading() -> Reading {
        let problem = Problem::new(Severity::Error, Code::Unreadable, "this file cannot be read");
        Reading { file: None, problems: vec![problem] }
    }

    #[test]
    fn what_nobody_asked_for_was_never_read() {
        let slot = Slot::default();
        assert!(slot.read_ahead(reading) && !slot.read_ahead(reading));
        assert!(slot.is_begun() && !slot.is_being_read());
        assert!(slot.into_asked().is_none());
    }

    #[test]
    fn what_was_read_ahead_is_not_read_again() {
        let slot = Slot::default();
        slot.ask();
        assert!(slot.read_ahead(reading));
        assert!(slot.get(|| unreachable!("it was read")).is_none());
        assert_eq!(slot.into_asked().map(|read| read.problems.len()), Some(1));
        let slot = Slot::default();
        slot.get(reading);
        assert!(!slot.read_ahead(|| unreachable!("it was read")));
    }
}
