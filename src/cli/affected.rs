//! Which programs a change concerns: those with a changed source in them, or with a changed build file above their libraries,
//! or one that such a file includes.

use super::config;
use super::revision;
use crate::base::UnitId;
use crate::project::{LibraryOrigin, Program, Project};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files that differ from a revision, seen from the root of the project.
pub(super) struct Change {
    files: Vec<PathBuf>,
}

impl Change {
    /// Asks git what differs between the revision from which this one branched off and the files as they are.
    pub(super) fn since(root: &Path, rev: &str) -> anyhow::Result<Change> {
        Ok(Change { files: revision::changed(root, rev)? })
    }

    /// Whether a program that links these units is concerned.
    pub(super) fn concerns(&self, project: &Project, program: &Program, linked: &[UnitId]) -> bool {
        let units = linked.iter().map(|&unit| project.unit(unit));
        let sources: BTreeSet<&Path> = units
            .flat_map(|unit| {
                let files = [unit.implementation(), unit.interface()].into_iter().flatten();
                let files = files.map(|file| project.file(file).shown.as_path());
                files.chain(unit.generated_from.as_deref()).collect::<Vec<_>>()
            })
            .collect();
        let libraries =
            program.libraries.iter().chain([&program.own]).map(|&library| project.library(library));
        let dirs: Vec<PathBuf> = libraries
            .filter(|library| matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program))
            .map(|library| relative(&library.dir, &project.root))
            .collect();
        let is_above = |above: &Path| dirs.iter().any(|dir| dir.starts_with(above));
        let is_below_one = |file: &Path| dirs.iter().any(|dir| file.starts_with(dir));
        self.files.iter().any(|file| {
            let mut includers = project.included.get(file).into_iter().flatten();
            includers.any(|dir| is_above(dir))
                || match kind(file) {
                    Kind::Source if is_known(project, file) => sources.contains(file.as_path()),
                    Kind::Source | Kind::Other => is_below_one(file),
                    Kind::Build => is_below_one(file) || is_above(file.parent().unwrap_or(Path::new(""))),
                    Kind::Settings => true,
                }
        })
    }
}

enum Kind {
    /// OCaml code: it concerns who links its unit.
    Source,
    /// What the build reads: it concerns all below.
    Build,
    /// Our own settings: they concern all.
    Settings,
    /// Anything else, C code for example: it concerns the library that it lies in.
    Other,
}

fn kind(file: &Path) -> Kind {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    match (name.as_ref(), extension.as_ref()) {
        (config::NAME, _) => Kind::Settings,
        ("dune" | "dune-project" | "dune-workspace" | "dune.inc" | "_tags", _)
        | (_, "opam" | "mllib" | "mlpack" | "itarget") => Kind::Build,
        (_, "ml" | "mli" | "mll" | "mly") => Kind::Source,
        _ => Kind::Other,
    }
}

/// Whether a file is the source of some unit; one that is gone, or new and in no library, is not.
fn is_known(project: &Project, file: &Path) -> bool {
    project.files.iter().any(|known| known.shown == file)
}

fn relative(dir: &Path, root: &Path) -> PathBuf {
    let full = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let dir = if dir.is_relative() && !dir.starts_with(root) { root.join(dir) } else { dir.to_owned() };
    let dir = full(&dir);
    dir.strip_prefix(full(root)).map(Path::to_owned).unwrap_or(dir)
}
