//! What loading a project is told beside the path, and why nothing could be loaded.

use super::load::Environment;
use super::unsaved::Unsaved;
use std::path::PathBuf;
use thiserror::Error;

/// What the user asks for beside the path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoadOptions {
    /// Packages to link with (`-p`), in order.
    pub packages: Vec<String>,
    /// Further directories with sources (`-I`), in order.
    pub include_dirs: Vec<PathBuf>,
    /// Directories of packages that come first, separated as in `PATH` (`--ocamlpath`).
    pub ocamlpath: Option<String>,
    /// dune's profile: `dev` unless the user says otherwise.
    pub profile: String,
    /// What the process's environment says.
    pub environment: Environment,
    /// Build files that are being edited, and sources that were never saved.
    pub unsaved: Unsaved,
}

impl LoadOptions {
    /// Makes options that ask for nothing, with the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        LoadOptions {
            packages: Vec::new(),
            include_dirs: Vec::new(),
            ocamlpath: None,
            profile: "dev".into(),
            environment: Environment::of_process(),
            unsaved: Unsaved::default(),
        }
    }
}

/// Why nothing could be loaded.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum LoadError {
    /// No file was given.
    #[error("no source file was given")]
    NoFiles,
    /// The path does not exist.
    #[error("`{0}` does not exist")]
    NotFound(PathBuf),
    /// The path exists, but is nothing that can be linked.
    #[error("`{0}` is no OCaml source: expected a file that ends in .ml, and is named as a module can be")]
    NotASource(PathBuf),
    /// The path exists, but cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The directory has nothing that says what is to be linked.
    #[error(
        "`{0}` is no OCaml project: no dune-project, dune-workspace or dune file, and no _tags, .mllib or .mlpack"
    )]
    NoProject(PathBuf),
}
