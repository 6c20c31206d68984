//! Findlib: where packages are, what they require, and in which order their archives come on the command line.
//!
//! Takes the search path, reads `META` files as packages are asked for. Gives packages with their directories, and the
//! packages that a list of them requires, dependencies first, as `ocamlfind query -r` orders them.
//!
//! * `search`: where packages are; `package`: one of them, and what its variables are;
//! * `near`: what may have been meant by the name of none.
//!
//! Source: `fl_package_base.ml`, `fl_topo.ml` of findlib 1.9; compared with `ocamlfind` in `tests/findlib.rs`.

mod near;
mod package;
mod search;

pub use near::near_names;
pub(super) use package::{Package, Predicates};
pub(super) use search::{SearchPath, search_path};

use super::cursor::SyntaxError;
use super::dune_package::{self, DuneLibrary};
use super::load;
use super::meta::{self, MetaPackage, words};
use super::sexp;
use super::unsaved::Unsaved;
use crate::base::{Code, Problem, Severity};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The package data base.
#[derive(Debug)]
pub(crate) struct Findlib {
    /// Directories of packages, first wins.
    path: Vec<PathBuf>,
    /// The directory of the standard library.
    stdlib_dir: Option<PathBuf>,
    /// Whether packages that dune installed require what dune says, in its order: that of dune's command lines.
    requires_of_dune: bool,
    files: BTreeMap<String, Option<MetaFile>>,
    problems: Vec<Problem>,
    unsaved: Unsaved,
    /// Names of all packages on the path, once they were asked for.
    top_names: OnceCell<Rc<BTreeSet<String>>>,
}

/// Cycles that are told, at most: packages that all require each other have more than memory holds.
const MAX_CYCLES: usize = 20;

/// Packages by their first name component: all (sub-)packages of one `META` file, by full name.
type MetaFile = Rc<BTreeMap<String, Rc<Package>>>;

impl Findlib {
    /// Makes the data base of a search path; nothing is read yet.
    pub(crate) fn new(search: SearchPath, requires_of_dune: bool, unsaved: &Unsaved) -> Self {
        let SearchPath { path, stdlib_dir } = search;
        Findlib {
            path,
            stdlib_dir,
            requires_of_dune,
            files: BTreeMap::new(),
            problems: Vec::new(),
            unsaved: unsaved.clone(),
            top_names: OnceCell::new(),
        }
    }

    /// The directories that are searched.
    pub(crate) fn path(&self) -> &[PathBuf] {
        &self.path
    }

    /// The directory of the standard library.
    pub(crate) fn stdlib_dir(&self) -> Option<&Path> {
        self.stdlib_dir.as_deref()
    }

    /// Takes what was found wrong so far.
    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Finds a package, reading its `META` file where that was not done yet.
    pub(crate) fn package(&mut self, name: &str) -> Option<Rc<Package>> {
        let package = self.file(name.split('.').next().unwrap_or(name))?.get(name).cloned()?;
        Some(package).filter(|package| package.exists)
    }

    /// A package that there is, and that findlib passes over: no file of its `exists_if` is there.
    pub(crate) fn passed_over(&self, name: &str) -> Option<&Package> {
        let file = self.files.get(name.split('.').next().unwrap_or(name))?.as_ref()?;
        file.get(name).map(Rc::as_ref).filter(|package| !package.exists)
    }

    /// All packages of the `META` file that holds `name`, those that do not exist left out.
    pub(crate) fn siblings(&mut self, name: &str) -> Vec<Rc<Package>> {
        let file = self.file(name.split('.').next().unwrap_or(name));
        file.into_iter()
            .flat_map(|file| file.values().cloned().collect::<Vec<_>>())
            .filter(|p| p.exists)
            .collect()
    }

    /// Names of all packages on the path, from the names of directories and files alone.
    pub(crate) fn top_names(&self) -> Rc<BTreeSet<String>> {
        self.top_names.get_or_init(|| Rc::new(self.list_top_names())).clone()
    }

    fn list_top_names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for dir in &self.path {
            for entry in load::list_dir(dir).unwrap_or_default() {
                if let Some(name) = entry.name.strip_prefix("META.") {
                    names.insert(name.to_string());
                } else if entry.is_dir && load::is_file(&dir.join(&entry.name).join("META")) {
                    names.insert(entry.name);
                }
            }
        }
        names
    }

    fn file(&mut self, top: &str) -> Option<MetaFile> {
        if let Some(file) = self.files.get(top) {
            return file.clone();
        }
        let file = self.read_file(top);
        self.files.insert(top.to_string(), file.clone());
        file
    }

    fn read_file(&mut self, top: &str) -> Option<MetaFile> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
        if top.is_empty() || !top.chars().all(is_name) {
            return None; // it would be a path, not a name
        }
        for dir in &self.path {
            for (file, root) in
                [(dir.join(top).join("META"), dir.join(top)), (dir.join(format!("META.{top}")), dir.clone())]
            {
                if self.unsaved.is_file(&file) {
                    let text = self.unsaved.build_file(&file, &file, &mut self.problems)?;
                    let (meta, errors) = meta::read(&text);
                    self.problems.extend(errors.into_iter().map(|error| broken_meta(&file, error)));
                    return Some(self.lower(top, meta, &file, &root));
                }
            }
        }
        None
    }

    fn lower(&mut self, top: &str, meta: MetaPackage, file: &Path, root: &Path) -> MetaFile {
        let mut by_name: BTreeMap<String, Rc<DuneLibrary>> = BTreeMap::new();
        for library in read_dune_package(&root.join("dune-package"), &mut self.problems) {
            by_name.entry(library.name.clone()).or_insert(library);
        }
        let mut packages = BTreeMap::new();
        let mut todo = vec![(top.to_string(), meta, root.to_path_buf())];
        while let Some((name, mut meta, parent_dir)) = todo.pop() {
            let dir = self.dir(&meta, &parent_dir);
            let children = std::mem::take(&mut meta.packages);
            todo.extend(
                children
                    .into_iter()
                    .rev()
                    .map(|child| (format!("{name}.{}", child.name), child, dir.clone())),
            );
            let exists = match meta.lookup("exists_if", |_| false) {
                Some(files) => words(&files).any(|file| load::is_file(&dir.join(file))),
                None => true,
            };
            let meta_file = file.to_path_buf();
            let package = Package {
                dune: by_name.get(&name).cloned(),
                requires_of_dune: self.requires_of_dune,
                name: name.clone(),
                dir,
                meta_file,
                meta,
                exists,
            };
            packages.entry(name).or_insert_with(|| Rc::new(package));
        }
        Rc::new(packages)
    }

    /// The directory of a package: `^` and `+` start at the standard library, the rest at the enclosing package.
    fn dir(&self, meta: &MetaPackage, parent: &Path) -> PathBuf {
        let value = meta.lookup("directory", |_| false).unwrap_or_default();
        match (value.strip_prefix(['^', '+']), &self.stdlib_dir) {
            (Some(rest), Some(stdlib)) => load::normal(&stdlib.join(rest)),
            (Some(rest), None) => load::normal(&parent.join(rest)),
            (None, _) => load::normal(&parent.join(&value)),
        }
    }

    /// The packages that `roots` require, transitively, each once, dependencies first, then the roots themselves.
    ///
    /// What is missing is left out and returned beside: its name and who asks for it. A cycle is cut, and its members
    /// returned, first one first.
    pub(crate) fn closure(&mut self, roots: &[String], predicates: &Predicates) -> Closure {
        let mut closure = Closure::default();
        let mut state: BTreeMap<String, bool> = BTreeMap::new(); // true: done, false: on the stack
        for root in roots {
            self.visit(root, predicates, &mut state, &mut closure);
        }
        closure
    }

    fn visit(
        &mut self,
        root: &str,
        predicates: &Predicates,
        state: &mut BTreeMap<String, bool>,
        out: &mut Closure,
    ) {
        let Some(package) = self.enter(root, None, state, out) else { return };
        let mut stack = vec![(package.requires(predicates).into_iter(), package)];
        while let Some((requires, user)) = stack.last_mut() {
            match requires.next() {
                None => {
                    state.insert(user.name.clone(), true);
                    out.packages.push(user.clone());
                    stack.pop();
                }
                Some(name) => {
                    let user = user.clone();
                    if state.get(&name) == Some(&false) && out.cycles.len() == MAX_CYCLES {
                        out.n_more_cycles += 1;
                    } else if state.get(&name) == Some(&false) {
                        let members = stack.iter().map(|(_, package)| package.name.clone());
                        out.cycles.push(members.skip_while(|member| *member != name).collect());
                    } else if let Some(package) = self.enter(&name, Some(&user), state, out) {
                        stack.push((package.requires(predicates).into_iter(), package));
                    }
                }
            }
        }
    }

    fn enter(
        &mut self,
        name: &str,
        user: Option<&Rc<Package>>,
        state: &mut BTreeMap<String, bool>,
        out: &mut Closure,
    ) -> Option<Rc<Package>> {
        if state.contains_key(name) {
            return None;
        }
        let package = self.package(name);
        state.insert(name.to_string(), package.is_none());
        if package.is_none() {
            out.missing.push((name.to_string(), user.cloned()));
        }
        package
    }
}

/// The packages that some packages require.
#[derive(Clone, Debug, Default)]
pub(crate) struct Closure {
    /// Dependencies first.
    pub(crate) packages: Vec<Rc<Package>>,
    /// Packages that are nowhere, with the one that requires them (none: asked for by name).
    pub(crate) missing: Vec<(String, Option<Rc<Package>>)>,
    /// Cycles among requirements, the first ones.
    pub(crate) cycles: Vec<Vec<String>>,
    /// How many more there are.
    pub(crate) n_more_cycles: usize,
}

fn read_dune_package(file: &Path, problems: &mut Vec<Problem>) -> Vec<Rc<DuneLibrary>> {
    if !load::is_file(file) {
        return Vec::new();
    }
    let Some(text) = load::read_build_file(file, file, problems) else { return Vec::new() };
    let (sexps, errors) = sexp::read(&text);
    problems.extend(errors.into_iter().map(|error| {
        let message = format!("this dune-package file has an error: {}", error.message);
        Problem::new(Severity::Warning, Code::BrokenBuildFile, message)
            .at(file, Some(error.at))
            .help("what could be read was used; reinstall the package")
    }));
    dune_package::libraries(&sexps).into_iter().map(Rc::new).collect()
}

fn broken_meta(file: &Path, error: SyntaxError) -> Problem {
    Problem::new(
        Severity::Warning,
        Code::BrokenBuildFile,
        format!("this META file has an error: {}", error.message),
    )
    .at(file, Some(error.at))
    .help("the definition was passed over; reinstall the package")
}
