//! Problems: what is wrong in the user's tree. Analysis reports them and goes on.

use super::{LibraryId, LineCol};
use serde::Serialize;
use std::path::PathBuf;

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Some result is missing or wrong because of it.
    Error,
    /// Some result may be too large or unsure because of it.
    Warning,
    /// Worth knowing; results stand.
    Note,
}

/// What kind of problem it is: the stable word that users filter by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// A package that something requires is nowhere to be found.
    MissingPackage,
    /// A library that a dune stanza names is nowhere to be found.
    MissingLibrary,
    /// A module that a stanza lists, or a source that an installed library promises, has no file.
    MissingModule,
    /// A `dune`, `META` or `dune-package` file could not be read in full.
    BrokenBuildFile,
    /// Part of an OCaml file does not parse.
    Syntax,
    /// A file could not be read.
    Unreadable,
    /// A file is not valid UTF-8 (OCaml allows Latin-1; positions may be off).
    NotUtf8,
    /// Something refers to itself through others.
    Cycle,
    /// A module is generated and was not found where the build leaves it.
    Generated,
    /// A unit has no sources: its size and references come from its object file.
    NoSource,
    /// A name could not be resolved.
    Unresolved,
    /// A rewriter that is not in the table: what it adds is unknown.
    UnknownRewriter,
    /// Two things claim the same name.
    Duplicate,
    /// A stanza or field that is understood only in part.
    Unsupported,
    /// The links read from the source are not those that the archive records.
    LinkMismatch,
    /// A unit that something linked requires is not on the linker's command line, or stands behind what requires it.
    MissingAtLink,
}

/// Where a problem is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Place {
    /// The file or directory, as it is shown to the user.
    pub file: PathBuf,
    /// Line and column, where one is known.
    pub at: Option<LineCol>,
}

/// One problem of the user's tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of problem it is.
    pub code: Code,
    /// What happened: a sentence without a final dot.
    pub message: String,
    /// Where it is.
    pub place: Option<Place>,
    /// What the user can do about it.
    pub help: Option<String>,
    /// The library that it is a problem of, or what holds a program's modules: nobody else has it. None where anybody may.
    #[serde(skip)]
    pub library: Option<LibraryId>,
}

impl Problem {
    /// Makes a problem without a place.
    #[must_use]
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Problem { severity, code, message: message.into(), place: None, help: None, library: None }
    }
    /// Adds where it is.
    #[must_use]
    pub fn at(mut self, file: impl Into<PathBuf>, at: Option<LineCol>) -> Self {
        self.place = Some(Place { file: file.into(), at });
        self
    }
    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
