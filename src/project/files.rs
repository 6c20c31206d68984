//! Programs without a build system: some `.ml` files, installed packages, and the modules beside them.
//!
//! The files given are linked in their order, as `ocamlfind ocamlopt -package .. -linkpkg a.ml b.ml` does it. Modules
//! beside them are there to be named: the stage that reads names adds those that are, with
//! [`Project::add_own_units`](super::Project::add_own_units), as ocamlbuild would.

use super::build::{Builder, DirSources, UnitFlags, unit_of_file};
use super::findlib::{Findlib, Predicates, search_path};
use super::installed::{Installed, link_order, visible};
use super::load::{self, Environment};
use super::model::{LibraryOrigin, Program, Project};
use super::ocamlbuild::{Around, From, Lists, Tagged, Tags, add_libraries, add_packs, built_dir, generated};
use super::unsaved::Unsaved;
use crate::base::{Code, Idx, LibraryId, Place, Problem, Severity, UnitId, name};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
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

/// Loads the packages asked for and all that they require; the project has no program. Missing packages are its problems.
#[must_use]
pub fn load_installed(options: &LoadOptions) -> Project {
    let from = options.environment.working_dir.clone().unwrap_or_else(|| PathBuf::from("/"));
    let mut builder = Builder::new(from.clone());
    add_packages(&mut builder, options, &from);
    builder.finish()
}

/// Loads the packages asked for and a program of each file.
///
/// # Errors
/// Fails when a file does not exist or is no `.ml`. Missing packages are problems of the project.
pub fn load_programs(files: &[PathBuf], options: &LoadOptions) -> Result<Project, LoadError> {
    let paths = source_paths(files)?;
    let from = options.environment.working_dir.clone().unwrap_or_else(|| PathBuf::from("/"));
    let mut builder = Builder::new(from.clone());
    let (mut installed, direct) = add_packages(&mut builder, options, &from);
    for path in paths {
        let dir = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("main").to_string();
        let own = builder.library(&stem, LibraryOrigin::Program, dir);
        builder.library_mut(own).requires.clone_from(&direct);
        builder.library_mut(own).visible = visible(&builder, own, installed.stdlib);
        builder.library_mut(own).rewriters = rewriters(&builder, own);
        let own_units = add_own_modules(&mut builder, own, &[path], options, &Around::default().taken);
        add_program(&mut builder, &mut installed, stem, own, own_units);
    }
    Ok(builder.finish())
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
pub(super) fn add_packages(
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
pub(super) fn rewriters(builder: &Builder, own: LibraryId) -> Vec<crate::base::Name> {
    let project = &builder.project;
    project
        .library(own)
        .visible
        .iter()
        .flat_map(|&library| project.library(library).rewriters.clone())
        .collect()
}

/// Adds the units given, in order, and those beside them, sorted, but for what libraries and packs have taken; gives the
/// ones given.
pub(super) fn add_own_modules(
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
        let is_known = builder.project.library(own).unit_by_name.contains_key(&unit);
        match from {
            From::Files(sources) => {
                let is_taken = sources.implementation.as_deref().is_some_and(|file| taken.contains(file));
                if !is_taken && !is_known {
                    builder.unit(own, unit, sources, UnitFlags::plain());
                }
            }
            From::Generated(from) if !is_known => {
                builder.opaque_unit(own, unit, None, UnitFlags::plain());
                let message =
                    format!("`{unit}` is generated from this file, and the build has not made it yet");
                let problem = Problem::new(Severity::Warning, Code::Generated, message).at(&from, None);
                builder.report(problem.help("what it refers to is unknown; build once, then run again"));
            }
            _ => {}
        }
    }
    given
}

/// Adds a program with the libraries that its own modules require.
pub(super) fn add_program(
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
    builder.project.programs.push(Program { name: title, own, own_units, libraries, linkall, linkall_place });
}

/// Where a package's `linkopts` ask for `-linkall`.
fn linkall_option(installed: &mut Installed, package: &str) -> Option<Place> {
    let package = installed.findlib.package(package)?;
    let options = package.variable("linkopts", &installed.predicates)?;
    let asks = options.split_ascii_whitespace().any(|word| word == "-linkall");
    let at = package.meta.definition("linkopts").map(|definition| definition.at);
    asks.then(|| Place { file: package.meta_file.clone(), at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A directory of its own with these files.
    fn tree(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("unlith-files-{name}-{}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("it lies in the tree"))
                .expect("temporary files can be made");
            fs::write(path, text).expect("temporary files can be made");
        }
        root
    }
    fn options(root: &Path) -> LoadOptions {
        let environment = Environment {
            ocamllib: Some(root.join("ocaml").display().to_string()),
            ..Environment::default()
        };
        let ocamlpath = Some(root.join("lib").display().to_string());
        LoadOptions { ocamlpath, environment, ..LoadOptions::of_process() }
    }
    fn names(project: &Project, units: &[UnitId]) -> Vec<String> {
        units.iter().map(|&unit| project.unit(unit).name.to_string()).collect()
    }
    const OCAML: [(&str, &[u8]); 4] = [
        ("ocaml/stdlib.ml", b"external raise : exn -> 'a = \"%raise\"\nmodule List = List\n"),
        ("ocaml/list.ml", b""),
        ("ocaml/camlinternalFormatBasics.ml", b""),
        ("ocaml/std_exit.ml", b""),
    ];

    #[test]
    fn files_are_linked_in_their_order_and_neighbours_can_be_named() {
        let mut files = OCAML.to_vec();
        files.extend([
            ("b.ml", &b""[..]),
            ("a.ml", b""),
            ("c.ml", b""),
            ("c.mli", b""),
            ("t.mli", b""),
            ("no-module.ml", b""),
        ]);
        let root = tree("order", &files);
        let mut project = load_files(&[root.join("b.ml"), root.join("a.ml")], &options(&root)).unwrap();
        assert_eq!(names(&project, &project.programs[0].own_units), ["B", "A"]);
        let own = project.library(project.programs[0].own).clone();
        assert_eq!(names(&project, &own.units), ["B", "A", "C", "T"]);
        let c = own.unit_by_name[&name("C")];
        project.add_own_units(crate::base::ProgramId(0), &[c]);
        assert_eq!(names(&project, &project.programs[0].own_units), ["C", "B", "A"]);
        let stdlib = project.library(project.programs[0].libraries[0]);
        assert_eq!(
            names(&project, &stdlib.units),
            ["CamlinternalFormatBasics", "Stdlib", "Stdlib__List", "Std_exit"]
        );
        assert_eq!(
            project.visible_unit(project.programs[0].own, name("List")),
            Some(stdlib.unit_by_name[&name("List")])
        );
    }

    #[test]
    fn packages_from_their_sources_without_an_archive() {
        let mut files = OCAML.to_vec();
        files.extend([
            ("lib/p/META", &b"requires = \"q gone\" archive(native) = \"p.cmxa\"\npackage \"s\" ( requires = \"p\" )"[..]),
            ("lib/p/p.ml", b""),
            ("lib/q/META", b"requires = \"p\" broken"),
            ("m.ml", b""),
        ]);
        let root = tree("packages", &files);
        let mut options = options(&root);
        options.packages = vec!["p.s".into(), "pq".into()];
        let project = load_files(&[root.join("m.ml")], &options).unwrap();
        let libraries = &project.programs[0].libraries;
        let shown: Vec<_> = libraries.iter().map(|&id| project.library(id).name.as_str()).collect();
        assert_eq!(shown, ["stdlib", "q", "p", "p.s"]);
        assert!(project.visible_unit(project.programs[0].own, name("P")).is_some());
        let codes: Vec<_> = project.problems.iter().map(|problem| problem.code).collect();
        // Neither `p.cmxa` nor `stdlib.cmxa` is there.
        use Code::*;
        assert_eq!(codes, [MissingPackage, MissingPackage, Cycle, BrokenBuildFile, Unreadable, Unreadable]);
    }

    #[test]
    fn paths_that_are_no_sources_are_refused() {
        let root = tree("refused", &[("x.txt", b""), ("1.ml", b"")]);
        let load = |path: &str| load_files(&[root.join(path)], &options(&root)).unwrap_err().to_string();
        assert!(load("gone.ml").contains("does not exist"));
        assert!(load("x.txt").contains("no OCaml source") && load("1.ml").contains("no OCaml source"));
        assert_eq!(load_files(&[], &options(&root)).unwrap_err(), LoadError::NoFiles);
    }
}
