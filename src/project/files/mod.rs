//! Programs without a build system: some `.ml` files, installed packages, and the modules beside them.
//!
//! The files given are linked in their order, as `ocamlfind ocamlopt -package .. -linkpkg a.ml b.ml` does it. Modules
//! beside them are there to be named: the stage that knows who names whom adds those that are, as ocamlbuild would.
//!
//! `packages` adds what is installed, `own_modules` the files and what lies beside them.

mod own_modules;
mod packages;
#[cfg(test)]
mod tests;

pub(super) use own_modules::add_own_modules;
pub(super) use packages::{add_packages, add_program, rewriters};
pub use packages::{installed_packages, load_installed};

use super::build::{Builder, unit_of_file};
use super::installed::visible;
use super::load;
use super::model::{LibraryOrigin, Project};
use super::ocamlbuild::{Lists, Tagged, Tags, add_libraries, add_packs};
use super::options::{LoadError, LoadOptions};
use crate::base::Place;
use std::path::{Path, PathBuf};

/// Loads the program made of `files` and the packages asked for.
///
/// # Errors
/// Fails when a file does not exist or is no `.ml`. Missing packages are problems of the project.
pub fn load_files(files: &[PathBuf], options: &LoadOptions) -> Result<Project, LoadError> {
    let main = files.last().ok_or(LoadError::NoFiles)?;
    let paths = source_paths(files)?;
    let main_path = load::absolute(main);
    let main_dir = main_path.parent().unwrap_or(Path::new("/")).to_path_buf();
    let working_dir =
        options.environment.working_dir.clone().filter(|dir| paths.iter().all(|path| path.starts_with(dir)));
    let mut builder = Builder::new(working_dir.unwrap_or_else(|| main_dir.clone()));
    let tags = Tags::near(&main_dir, &options.unsaved);
    let tagged = tags.as_ref().and_then(|tags| tags.of(&main_path));
    let options = &with_tags(options, tagged.as_ref());
    let (mut installed, mut direct) = add_packages(&mut builder, options, &main_dir);
    let lists = lists(tags.as_ref(), &paths, options);
    let dirs = module_dirs(&paths, options);
    let around = lists.around(&paths, &dirs, tagged.as_ref().map(|tagged| tagged.uses.as_slice()));
    direct.extend(add_libraries(&mut builder, &lists, &around.libraries, &direct, installed.stdlib));
    let stem = main_path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("main").to_string();
    let own = builder.library(&stem, LibraryOrigin::Program, main_dir);
    builder.library_mut(own).requires = direct;
    builder.library_mut(own).visible = visible(&builder, own, installed.stdlib);
    builder.library_mut(own).rewriters = rewriters(&builder, own);
    let own_units = add_own_modules(&mut builder, own, &paths, options, &around.taken);
    add_packs(&mut builder, &lists, &around.packs, own);
    add_program(&mut builder, &mut installed, stem, own, own_units);
    if let (Some(tags), Some(Tagged { linkall: true, .. }), Some(program)) =
        (tags, tagged, builder.project.programs.last_mut())
    {
        program.linkall = true;
        program.linkall_place.get_or_insert(Place { file: tags.file, at: None });
    }
    Ok(builder.finish())
}

/// The absolute paths of files that can be linked.
fn source_paths(files: &[PathBuf]) -> Result<Vec<PathBuf>, LoadError> {
    let paths: Vec<PathBuf> = files.iter().map(|file| load::absolute(file)).collect();
    for (path, given) in paths.iter().zip(files) {
        if !load::is_file(path) {
            return Err(if path.exists() {
                LoadError::NotASource(given.clone())
            } else {
                LoadError::NotFound(given.clone())
            });
        }
        if path.extension().is_none_or(|extension| extension != "ml") || unit_of_file(path).is_none() {
            return Err(LoadError::NotASource(given.clone()));
        }
    }
    Ok(paths)
}

/// The lists of modules of the project that has these files: all below its `_tags`, else those beside the modules.
fn lists(tags: Option<&Tags>, paths: &[PathBuf], options: &LoadOptions) -> Lists {
    let beside = module_dirs(paths, options);
    let includes: Vec<PathBuf> = options.include_dirs.iter().map(|dir| load::absolute(dir)).collect();
    match tags {
        Some(tags) => {
            let mut dirs = tags.dirs();
            dirs.extend(beside);
            dirs.sort();
            dirs.dedup();
            Lists::read(&tags.root, &dirs, &includes)
        }
        None => Lists::read(beside.first().map_or(Path::new("/"), PathBuf::as_path), &beside, &includes),
    }
}

/// The directories whose modules can be named: those of the files, then those asked for.
fn module_dirs(paths: &[PathBuf], options: &LoadOptions) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    let given = paths.iter().filter_map(|path| path.parent().map(Path::to_path_buf));
    for dir in given.chain(options.include_dirs.iter().map(|dir| load::absolute(dir))) {
        if !dirs.contains(&dir) {
            dirs.push(dir);
        }
    }
    dirs
}

/// The options, with what ocamlbuild's `_tags` asks for behind what the user does.
fn with_tags(options: &LoadOptions, tagged: Option<&Tagged>) -> LoadOptions {
    let mut options = options.clone();
    if let Some(tagged) = tagged {
        for package in &tagged.packages {
            if !options.packages.contains(package) {
                options.packages.push(package.clone());
            }
        }
        for dir in &tagged.include_dirs {
            if !options.include_dirs.contains(dir) {
                options.include_dirs.push(dir.clone());
            }
        }
    }
    options
}
