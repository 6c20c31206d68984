//! Installed packages: those that a program asks for, and what they ask of its link.

use crate::base::{Idx, LibraryId, Name, Place, UnitId};
use crate::project::build::Builder;
use crate::project::findlib::{Findlib, Predicates, search_path};
use crate::project::installed::{Installed, link_order};
use crate::project::model::{Program, Project};
use crate::project::options::LoadOptions;
use std::path::{Path, PathBuf};

/// Loads the packages asked for and all that they require; the project has no program. Missing packages are its problems.
#[must_use]
pub fn load_installed(options: &LoadOptions) -> Project {
    let from = options.environment.working_dir.clone().unwrap_or_else(|| PathBuf::from("/"));
    let mut builder = Builder::new(from.clone());
    add_packages(&mut builder, options, &from);
    builder.finish()
}

/// Returns the names of all installed packages, sub-packages included, sorted.
#[must_use]
pub fn installed_packages(options: &LoadOptions) -> Vec<String> {
    let from = options.environment.working_dir.clone().unwrap_or_else(|| PathBuf::from("/"));
    let mut findlib = Findlib::new(
        search_path(options.ocamlpath.as_deref(), &from, &options.environment),
        false,
        &options.unsaved,
    );
    let tops = findlib.top_names();
    tops.iter().flat_map(|top| findlib.siblings(top)).map(|package| package.name.clone()).collect()
}

/// Adds the packages that the user asks for; gives the libraries of those that exist.
pub(in crate::project) fn add_packages(
    builder: &mut Builder,
    options: &LoadOptions,
    from: &Path,
) -> (Installed, Vec<LibraryId>) {
    let mut findlib = Findlib::new(
        search_path(options.ocamlpath.as_deref(), from, &options.environment),
        false,
        &options.unsaved,
    );
    // `-linkpkg` sets `autolink`; whoever links threads says `-thread`, which sets the other two.
    let mut predicates = Predicates::new(&["native", "autolink"]);
    let mut closure = findlib.closure(&options.packages, &predicates);
    let mut roots = options.packages.clone();
    let is_threads = |name: &str| name == "threads" || name.starts_with("threads.");
    if closure.packages.iter().any(|package| is_threads(&package.name)) {
        predicates.add("mt");
        predicates.add("mt_posix");
        // Findlib puts threads, and what they require, before everything else, once some other package needs them.
        let others = closure.packages.iter().filter(|package| !is_threads(&package.name));
        if others.flat_map(|package| package.requires(&predicates)).any(|name| is_threads(&name)) {
            roots.insert(0, "threads".into());
        }
        closure = findlib.closure(&roots, &predicates);
    }
    for package in &closure.packages {
        predicates.add(format!("pkg_{}", package.name));
    }
    let mut installed = Installed::new(builder, findlib, predicates);
    let found = installed.load(builder, &roots);
    for (package, found) in roots.iter().zip(&found) {
        if found.is_none() {
            installed.report_missing(builder, package, None, None);
        }
    }
    let direct = found.into_iter().flatten().filter(|&library| library != installed.stdlib).collect();
    (installed, direct)
}

/// The rewriters among the packages that a library requires.
pub(in crate::project) fn rewriters(builder: &Builder, own: LibraryId) -> Vec<Name> {
    let project = &builder.project;
    project
        .library(own)
        .visible
        .iter()
        .flat_map(|&library| project.library(library).rewriters.clone())
        .collect()
}

/// Adds a program with the libraries that its own modules require.
pub(in crate::project) fn add_program(
    builder: &mut Builder,
    installed: &mut Installed,
    title: String,
    own: LibraryId,
    own_units: Vec<UnitId>,
) {
    let project = &builder.project;
    let mut libraries = vec![installed.stdlib];
    libraries.extend(link_order(&project.library(own).requires, |id| &project.libraries[id.idx()].requires));
    let linkall_place = libraries
        .iter()
        .find_map(|&library| linkall_option(installed, project.library(library).name.as_str()));
    let linkall = linkall_place.is_some();
    builder.project.programs.push(Program {
        name: title,
        own,
        own_units,
        libraries,
        linkall,
        linkall_place,
        context: None,
    });
}

/// Where a package's `linkopts` ask for `-linkall`.
fn linkall_option(installed: &mut Installed, package: &str) -> Option<Place> {
    let package = installed.findlib.package(package)?;
    let options = package.variable("linkopts", &installed.predicates)?;
    let asks = options.split_ascii_whitespace().any(|word| word == "-linkall");
    let at = package.meta.definition("linkopts").map(|definition| definition.at);
    asks.then(|| Place { file: package.meta_file.clone(), at })
}
