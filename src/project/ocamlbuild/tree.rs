//! A directory that ocamlbuild or a Makefile builds, as a project.
//!
//! Its libraries are those of its `.mllib` files; its programs what `.itarget` files name, and the files of which `_tags` says
//! something that holds for the program alone (`<src/main.native>: ...`) and that no other one names. Other programs are asked for by their file.

use super::super::build::Builder;
use super::super::files::{add_own_modules, add_packages, add_program, rewriters};
use super::super::installed::visible;
use super::super::load;
use super::super::model::{LibraryOrigin, Project};
use super::super::options::LoadOptions;
use super::lists::{List, Lists};
use super::tags::{Tagged, Tags, subdirs};
use super::units::{add_libraries, add_packs, capitalised};
use crate::base::LibraryId;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Loads the project of a directory; `None` where nothing says what is built there.
pub(crate) fn load_tree(root: &Path, options: &LoadOptions) -> Option<Project> {
    let tags = Tags::in_dir(root, &options.unsaved);
    let mut dirs = vec![root.to_path_buf()];
    dirs.extend(subdirs(root).into_iter().map(|rel| root.join(rel)));
    let of = |file: &Path| tags.as_ref().and_then(|tags| tags.of(file)).unwrap_or_default();
    // Without tags nobody says where modules lie; a list names them by their own path, or beside it.
    let includes = of(&root.join("main.ml")).include_dirs;
    let lists = Lists::read(root, &dirs, &includes);
    if tags.is_none() && lists == Lists::default() {
        return None;
    }
    let mains = mains(&dirs, &lists, tags.as_ref());
    let mut builder = Builder::new(root.to_path_buf());
    let in_lists: Vec<&List> = lists.libraries.iter().collect();
    let sources = lists.sources(&in_lists);
    let mut options = options.clone();
    for file in mains.iter().map(PathBuf::as_path).chain(sources) {
        for package in of(file).packages {
            if !options.packages.contains(&package) {
                options.packages.push(package);
            }
        }
    }
    let (mut installed, packages) = add_packages(&mut builder, &options, root);
    let libraries = add_libraries(&mut builder, &lists, &in_lists, &packages, installed.stdlib);
    for main in &mains {
        let Tagged { packages: named, uses, include_dirs, linkall, .. } = of(main);
        let dir = main.parent().unwrap_or(root).to_path_buf();
        let title = main.strip_prefix(root).unwrap_or(main).with_extension("").to_string_lossy().into_owned();
        let mut dirs = vec![dir.clone()];
        dirs.extend(include_dirs.iter().cloned());
        let around = lists.around(std::slice::from_ref(main), &dirs, tags.as_ref().map(|_| uses.as_slice()));
        let mut requires: Vec<LibraryId> =
            installed.load(&mut builder, &named).into_iter().flatten().collect();
        let used = |list: &&List| around.libraries.iter().any(|other| other.file == list.file);
        let used = in_lists.iter().zip(&libraries).filter(|(list, _)| used(list)).map(|(_, &id)| id);
        requires.extend(used);
        requires.retain(|&library| library != installed.stdlib);
        let own = builder.library(&title, LibraryOrigin::Program, dir);
        builder.library_mut(own).requires = requires;
        builder.library_mut(own).visible = visible(&builder, own, installed.stdlib);
        builder.library_mut(own).rewriters = rewriters(&builder, own);
        let mut options = options.clone();
        options.include_dirs.extend(include_dirs);
        let own_units =
            add_own_modules(&mut builder, own, std::slice::from_ref(main), &options, &around.taken);
        add_packs(&mut builder, &lists, &around.packs, own);
        add_program(&mut builder, &mut installed, title, own, own_units);
        if let Some(program) = builder.project.programs.last_mut().filter(|_| linkall) {
            program.linkall = true;
        }
    }
    Some(builder.finish())
}

/// The main modules of the programs, sorted.
fn mains(dirs: &[PathBuf], lists: &Lists, tags: Option<&Tags>) -> Vec<PathBuf> {
    let is_target = |file: &Path| {
        ["native", "byte"].iter().any(|extension| lists.targets.contains(&file.with_extension(extension)))
    };
    let mut mains = Vec::new();
    for dir in dirs {
        for entry in load::list_dir(dir).unwrap_or_default().iter().filter(|entry| !entry.is_dir) {
            let file = dir.join(&entry.name);
            let is_source = file.extension().is_some_and(|extension| extension == "ml")
                && super::super::build::unit_of_file(&file).is_some();
            let is_named = || tags.is_some_and(|tags| tags.names_program(&file));
            if is_source && entry.name != "myocamlbuild.ml" && (is_target(&file) || is_named()) {
                mains.push(file);
            }
        }
    }
    mains.sort();
    // A glob may hold for all modules of a directory: those that another one names are no programs.
    let words: Vec<BTreeSet<String>> = mains.iter().map(|file| capitalised([file.as_path()])).collect();
    let is_named = |at: usize| {
        let unit = super::super::build::unit_of_file(&mains[at]);
        let mut others = words.iter().enumerate().filter(|(other, _)| *other != at);
        unit.is_some_and(|unit| others.any(|(_, words)| words.contains(unit.as_str())))
    };
    let is_program: Vec<bool> = (0..mains.len()).map(|at| is_target(&mains[at]) || !is_named(at)).collect();
    mains.into_iter().zip(is_program).filter(|(_, is_program)| *is_program).map(|(file, _)| file).collect()
}
