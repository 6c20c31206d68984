//! Installed libraries as libraries of a dune workspace, so that changes of them can be tried.
//!
//! Takes a project and the libraries that may change; gives the files of a workspace that has those and every library that
//! depends on one of them: a library of the workspace hides the installed one of its name, and who was compiled against that
//! one would not fit. Sources are the installed ones; nothing is written here.
//!
//! What a dune file has to say is read off the units: their names tell whether dune wrapped the library, their sources which
//! rewriters made it, the archive which C libraries go with it.
//!
//! `library` and `program` write the directory of each; `rewriters` tells from a source which rewriters made it.

mod library;
mod program;
mod rewriters;

pub use program::add_program;

use super::model::{Library, LibraryOrigin, Project};
use super::options::LoadOptions;
use crate::base::{Idx, LibraryId, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use thiserror::Error;

/// Libraries of a workspace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vendored {
    /// What the library of each id is called in the workspace.
    pub names: BTreeMap<LibraryId, String>,
    /// The files, by path relative to the workspace.
    pub files: BTreeMap<PathBuf, Content>,
}

/// What a file of a workspace holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// This text.
    Text(String),
    /// What another file holds.
    CopyOf(PathBuf),
}

/// Why a library cannot be had as a workspace.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{library}: {reason}")]
pub struct VendorError {
    /// The library.
    pub library: Name,
    /// What is missing.
    pub reason: String,
}

impl Vendored {
    /// Returns what a `(libraries ..)` field says for these: names in the workspace where they are there, findlib's otherwise.
    #[must_use]
    pub fn names_of(&self, project: &Project, libraries: &[LibraryId]) -> String {
        let name = |library: &LibraryId| match self.names.get(library) {
            Some(name) => name.clone(),
            None => project.library(*library).name.to_string(),
        };
        let installed = |library: &&LibraryId| project.library(**library).origin != LibraryOrigin::Stdlib;
        libraries.iter().filter(installed).map(name).collect::<Vec<_>>().join(" ")
    }

    /// Returns what the `(flags ..)` field of a library or program says: no warnings, and the directories of installed virtual
    /// libraries.
    ///
    /// **Source**: for an installed implementation, dune 2.9 gives the compiler its directory alone; the main module lies in the
    /// virtual library's.
    #[must_use]
    pub fn flags_of(&self, project: &Project, library: &Library) -> String {
        let implemented: BTreeSet<LibraryId> =
            library.visible.iter().filter_map(|&id| project.library(id).implements).collect();
        let mut flags = ":standard -w -a".to_owned();
        for id in implemented.into_iter().filter(|id| !self.names.contains_key(id)) {
            let _ = write!(flags, " -I {:?}", project.library(id).dir.display().to_string());
        }
        flags
    }
}

/// Returns the libraries that have to come along when `wanted` are vendored: themselves, and installed ones that depend on them.
#[must_use]
pub fn with_dependents(project: &Project, wanted: &[LibraryId]) -> Vec<LibraryId> {
    let mut taken: BTreeSet<LibraryId> = wanted.iter().copied().collect();
    // Each round adds a library or is the last.
    loop {
        let more = (0..project.libraries.len()).map(LibraryId::new).find(|&id| {
            let library = project.library(id);
            library.origin == LibraryOrigin::Installed
                && !taken.contains(&id)
                && library.requires.iter().any(|required| taken.contains(required))
        });
        match more {
            Some(id) => taken.insert(id),
            None => return taken.into_iter().collect(),
        };
    }
}

/// Makes a workspace of `wanted` and of what depends on them. `options` say where packages are.
///
/// # Errors
/// A library has units without sources, or is of a kind that a dune file cannot be written for from what is installed.
pub fn vendor(
    project: &Project,
    wanted: &[LibraryId],
    options: &LoadOptions,
) -> Result<Vendored, VendorError> {
    let (vendored, rewriters) = copied(project, wanted)?;
    rewriters::check_rewriters(project, &rewriters, &vendored, options)?;
    Ok(vendored)
}

/// Makes the same workspace to be read and changed, whether its rewriters are there to build it or not.
///
/// # Errors
/// As [`vendor`], rewriters apart.
pub fn vendor_unbuilt(project: &Project, wanted: &[LibraryId]) -> Result<Vendored, VendorError> {
    copied(project, wanted).map(|(vendored, _)| vendored)
}

/// The workspace, and for each rewriter that it needs a library that needs it.
fn copied(
    project: &Project,
    wanted: &[LibraryId],
) -> Result<(Vendored, BTreeMap<&'static str, LibraryId>), VendorError> {
    let mut vendored = Vendored::default();
    let all = with_dependents(project, wanted);
    for &id in &all {
        let name = local_name(project.library(id));
        if vendored.names.values().any(|other| *other == name) {
            return Err(error(project.library(id), format!("two libraries here would be called `{name}`")));
        }
        vendored.names.insert(id, name);
    }
    let mut rewriters: BTreeMap<&'static str, LibraryId> = BTreeMap::new();
    for id in all {
        for rewriter in library::add(project, id, &mut vendored)? {
            rewriters.entry(rewriter).or_insert(id);
        }
    }
    vendored.files.insert("dune-project".into(), Content::Text("(lang dune 2.0)\n".into()));
    Ok((vendored, rewriters))
}

fn error(library: &Library, reason: impl Into<String>) -> VendorError {
    VendorError { library: library.name, reason: reason.into() }
}

/// dune calls an archive as it calls the library in its own files.
fn local_name(library: &Library) -> String {
    let archive = library.archives.iter().find_map(|archive| archive.cmxa.as_ref());
    let stem = archive.and_then(|path| path.file_stem()).and_then(|stem| stem.to_str());
    stem.map_or_else(|| library.name.as_str().replace(['.', '-'], "_"), str::to_owned)
}
