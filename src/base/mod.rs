//! Words that all stages share: ids, names, spans, byte counts and problems.

mod id;
mod id_set;
mod problem;
mod span;

pub use id::{DefId, FileId, Idx, LibraryId, ProgramId, RefId, UnitId, define_id};
pub use id_set::IdSet;
pub use problem::{Code, Place, Problem, Severity};
pub use span::{LineCol, LineIndex, Span};

/// An interned OCaml identifier; comparing two names compares two pointers, ordering is lexicographic.
pub type Name = ustr::Ustr;

/// Interns `text`.
#[must_use]
pub fn name(text: &str) -> Name {
    ustr::ustr(text)
}
