//! Words that all stages share: ids, names, spans, byte counts and problems.

mod id;
mod id_set;
mod name;
mod path;
mod problem;
mod regular;
mod span;
mod stem;

pub use id::{DefId, FileId, Idx, LibraryId, ProgramId, RefId, UnitId, define_id};
pub use id_set::IdSet;
pub use name::{Name, known_name, name, name_of};
pub use path::{components, first_component, split_last};
pub use problem::{Code, Place, Problem, Severity};
pub use regular::{open_regular, read_regular, read_regular_text};
pub use span::{LineCol, LineIndex, Span};
pub use stem::{capitalise, uncapitalise};
