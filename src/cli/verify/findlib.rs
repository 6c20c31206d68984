//! A program of plain files and the packages that ocamlbuild has built for it: a copy of their projects, and what builds them
//! and links the program.
//!
//! A package is such a one when its archive lies in the `_build` of a project with a `_tags`, below the directory that
//! holds its `META`. Each project is copied whole, what is built left out, and built by its own rules; the program is then
//! linked by `ocamlfind`.

use super::scratch::Scratch;
use crate::base::{LibraryId, UnitId};
use crate::cli::input::InputArgs;
use crate::cli::pipeline::Run;
use crate::project::Library;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How a program is built from packages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Findlib {
    /// The projects of packages, relative to the copy, each with the archives that ocamlbuild is asked for.
    pub(super) projects: Vec<(PathBuf, Vec<String>)>,
    /// The packages that the program is linked with.
    pub(super) packages: Vec<String>,
    /// The files of each program in link order, relative to the copy.
    pub(super) programs: BTreeMap<String, Vec<String>>,
    /// Where findlib looks.
    pub(super) path: String,
}

impl Findlib {
    /// The arguments of `ocamlfind` that link a program.
    pub(super) fn link(&self, program: &str) -> Vec<String> {
        let mut arguments: Vec<String> = ["ocamlopt", "-linkpkg"].map(str::to_owned).to_vec();
        if !self.packages.is_empty() {
            arguments.extend(["-package".to_owned(), self.packages.join(",")]);
        }
        arguments.extend(self.programs.get(program).into_iter().flatten().cloned());
        arguments.extend(["-o".to_owned(), executable(program)]);
        arguments
    }
}

/// The file of a program that `ocamlfind` has linked.
pub(super) fn executable(program: &str) -> String {
    format!("{}.exe", program.rsplit('/').next().unwrap_or(program))
}

/// Copies the projects of the libraries that are to change, and the program; none where not all of them are ocamlbuild's.
pub(super) fn copy(
    run: &Run,
    wanted: &BTreeSet<LibraryId>,
    input: &InputArgs,
    scratch: &Scratch,
) -> anyhow::Result<Option<Findlib>> {
    let mut projects: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    for &id in wanted {
        let Some((root, targets)) = project_of(run.project.library(id)) else { return Ok(None) };
        projects.entry(root).or_default().extend(targets);
    }
    if projects.is_empty() {
        return Ok(None);
    }
    let mut findlib = Findlib { packages: input.load_options().packages, ..Findlib::default() };
    for (root, targets) in projects {
        let Some(title) = root.file_name() else { return Ok(None) };
        scratch.copy_to(&root, Path::new(title))?;
        findlib.projects.push((title.into(), targets.into_iter().collect()));
    }
    for program in &run.project.programs {
        let file = |&unit: &UnitId| run.project.unit(unit).implementation();
        let mut names = Vec::new();
        for unit in &program.own_units {
            let unit = run.project.unit(*unit);
            for file in [unit.interface(), unit.implementation()].into_iter().flatten() {
                let path = &run.project.file(file).path;
                let Some(title) = path.file_name().and_then(|title| title.to_str()) else { continue };
                scratch.copy_file(path, Path::new(title))?;
                names.push(title.to_owned());
            }
        }
        if program.own_units.iter().filter_map(file).next().is_some() {
            findlib.programs.insert(program.name.clone(), names);
        }
    }
    let own = scratch.root().display().to_string();
    let others = [input.ocamlpath.clone(), std::env::var("OCAMLPATH").ok()];
    findlib.path = [own].into_iter().chain(others.into_iter().flatten()).collect::<Vec<_>>().join(":");
    Ok(Some(findlib))
}

/// The project whose `_build` holds the archives of a library, and the archives as ocamlbuild's targets.
fn project_of(library: &Library) -> Option<(PathBuf, Vec<String>)> {
    let mut archives = library.archives.iter().filter_map(|archive| archive.cmxa.as_deref()).peekable();
    let first = archives.peek()?;
    let build = first.ancestors().find(|dir| dir.file_name().is_some_and(|name| name == "_build"))?;
    let root = build.parent()?;
    if !root.join("_tags").is_file() || !root.join("META").is_file() {
        return None;
    }
    let targets = archives.map(|archive| Some(archive.strip_prefix(build).ok()?.display().to_string()));
    Some((root.to_path_buf(), targets.collect::<Option<_>>()?))
}
