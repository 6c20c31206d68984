//! The modules of a program itself: the files given, and those beside them that may be named.

use super::module_dirs;
use crate::base::{Code, LibraryId, Problem, Severity, UnitId, name};
use crate::project::build::{Builder, DirSources, Sources, UnitFlags, unit_of_file};
use crate::project::load;
use crate::project::ocamlbuild::{From, built_dir, generated};
use crate::project::options::LoadOptions;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Adds the units given, in order, and those beside them, sorted, but for what libraries and packs have taken; gives the
/// ones given.
pub(in crate::project) fn add_own_modules(
    builder: &mut Builder,
    own: LibraryId,
    paths: &[PathBuf],
    options: &LoadOptions,
    taken: &BTreeSet<&Path>,
) -> Vec<UnitId> {
    let dirs = module_dirs(paths, options);
    for dir in dirs.iter().filter(|dir| !load::is_dir(dir)) {
        let problem = Problem::new(Severity::Error, Code::Unreadable, "this directory does not exist");
        builder.report(problem.at(dir, None).help("give -I a directory with sources"));
    }
    let listed: Vec<DirSources> = dirs.iter().map(|dir| DirSources::list(dir)).collect();
    let mut given = Vec::new();
    for path in paths {
        let unit = unit_of_file(path).expect("checked before: its stem is a module's");
        let of_dir =
            dirs.iter().position(|dir| path.parent() == Some(dir)).and_then(|idx| listed[idx].get(&unit));
        let mut sources = of_dir.cloned().unwrap_or_default();
        if let Some(&first) = builder.project.library(own).unit_by_name.get(&unit) {
            let first = builder
                .project
                .unit(first)
                .implementation()
                .map(|file| builder.project.file(file).shown.clone());
            let message = format!(
                "two files make the unit `{unit}`; `{}` is used",
                first.unwrap_or_default().display()
            );
            let problem = Problem::new(Severity::Error, Code::Duplicate, message);
            builder.report(problem.at(path, None).help("rename one: the linker takes one unit of a name"));
            continue;
        }
        sources.implementation = Some(path.clone());
        let id = builder.unit(own, unit, sources, UnitFlags::plain());
        builder.note_object(id, path.with_extension("o"));
        given.push(id);
    }
    for (unit, sources) in listed.iter().flat_map(|dir| &dir.units) {
        let unit = name(unit);
        let is_taken = sources.implementation.as_deref().is_some_and(|file| taken.contains(file));
        if !is_taken && !builder.project.library(own).unit_by_name.contains_key(&unit) {
            let id = builder.unit(own, unit, sources.clone(), UnitFlags::plain());
            let object = sources.implementation.as_ref().map(|ml| ml.with_extension("o"));
            let dir = sources.implementation.as_deref().and_then(Path::parent).and_then(built_dir);
            if let (Some(dir), Some(file)) = (dir, object.as_deref().and_then(Path::file_name)) {
                builder.note_object(id, dir.join(file));
            }
        }
    }
    for (unit, from) in dirs.iter().flat_map(|dir| generated(dir)) {
        let unit = name(&unit);
        let (From::Files(sources) | From::Unmade(sources)) = &from else { continue };
        let is_taken = sources.implementation.as_deref().is_some_and(|file| taken.contains(file));
        if is_taken || builder.project.library(own).unit_by_name.contains_key(&unit) {
            continue;
        }
        let id = builder.unit(own, unit, sources.clone(), UnitFlags::plain());
        if let From::Unmade(Sources { implementation: Some(source), .. }) = &from {
            let shown = source.strip_prefix(&builder.project.root).unwrap_or(source).to_path_buf();
            let message = format!("`{unit}` is read from this file, since the build has not made it yet");
            let problem = Problem::new(Severity::Note, Code::Generated, message).at(shown, None);
            builder
                .report(problem.help("the size of its automaton is a guess; build once to have it measured"));
            builder.unit_mut(id).generated_from = Some(source.clone());
        }
    }
    given
}
