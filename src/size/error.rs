//! Why object files could not be measured.

use thiserror::Error;

/// Why an object file, archive or executable could not be read.
#[derive(Debug, Error)]
pub enum SizeError {
    /// The archive's own tables are broken.
    #[error("could not read the archive: {0}")]
    Archive(object::Error),
    /// Names of the archive's members are the same bytes again and again.
    #[error("could not read the archive: names of its members overlap")]
    MemberNames,
    /// One object file is broken, or of a kind that is not known.
    #[error("could not read object file {member}: {source}")]
    Object {
        /// The member of the archive, or the file itself.
        member: String,
        /// What is wrong with it.
        source: object::Error,
    },
    /// It is an object file, but some table of it contradicts itself.
    #[error("object file {member} contradicts itself: {what}")]
    Inconsistent {
        /// The member of the archive, or the file itself.
        member: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The executable has no symbol table, so that units cannot be told apart.
    #[error("the executable is stripped: its units cannot be told apart; link it again without stripping")]
    Stripped,
    /// It is an executable, but some table of it contradicts itself.
    #[error("the executable contradicts itself: {0}")]
    Damaged(&'static str),
    /// The file cannot be read as an executable.
    #[error("not an executable that can be read: {0}")]
    Executable(object::Error),
    /// The file is an object file or library, or an executable of another system.
    #[error("not an ELF executable")]
    NoExecutable,
}
