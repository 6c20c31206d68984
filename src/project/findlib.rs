//! Findlib: where packages are, what they require, and in which order their archives come on the command line.
//!
//! Takes the search path, reads `META` files as packages are asked for. Gives packages with their directories, and the
//! packages that a list of them requires, dependencies first, as `ocamlfind query -r` orders them.
//!
//! Source: `fl_package_base.ml`, `fl_topo.ml` of findlib 1.9; compared with `ocamlfind` in `tests/findlib.rs`.

use super::dune_package::{self, DuneLibrary};
use super::load::{self, Environment};
use super::meta::{self, MetaPackage, words};
use super::sexp::{self, SyntaxError};
use super::unsaved::Unsaved;
use crate::base::{Code, LineCol, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// One package or sub-package.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Its full name, `lwt.unix`.
    pub(crate) name: String,
    /// Its directory.
    pub(crate) dir: PathBuf,
    /// The `META` file that declares it.
    pub(crate) meta_file: PathBuf,
    /// Its definitions.
    pub(crate) meta: MetaPackage,
    /// Whether some file of `exists_if` is there; findlib passes packages over for which this is false.
    pub(crate) exists: bool,
    /// What dune says of it, where dune installed it.
    pub(crate) dune: Option<Rc<DuneLibrary>>,
    /// Whether its requirements are those that dune says.
    requires_of_dune: bool,
}

/// The predicates under which `META` variables are looked up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Predicates(BTreeSet<String>);

impl Predicates {
    /// The set of `names`.
    pub(crate) fn new(names: &[&str]) -> Self {
        Predicates(names.iter().map(|name| (*name).to_string()).collect())
    }
    /// Adds one.
    pub(crate) fn add(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }
    fn holds(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

impl Package {
    /// What a variable is under `predicates`.
    pub(crate) fn variable(&self, variable: &str, predicates: &Predicates) -> Option<String> {
        self.meta.lookup(variable, |predicate| predicates.holds(predicate))
    }
    /// The packages that it requires itself, in order.
    pub(crate) fn requires(&self, predicates: &Predicates) -> Vec<String> {
        if let Some(dune) = self.dune.as_ref().filter(|_| self.requires_of_dune) {
            return dune.requires.clone();
        }
        let value = self.variable("requires", predicates).unwrap_or_default();
        words(&value).map(str::to_string).collect()
    }
    /// Its native archives' file names, in order.
    pub(crate) fn archives(&self, predicates: &Predicates) -> Vec<String> {
        let value = self.variable("archive", predicates).unwrap_or_default();
        words(&value).map(str::to_string).collect()
    }
    /// Where its requirements are written.
    pub(crate) fn requires_place(&self) -> Option<LineCol> {
        self.meta.definition("requires").map(|definition| definition.at)
    }
}

/// Packages by their first name component: all (sub-)packages of one `META` file, by full name.
type MetaFile = Rc<BTreeMap<String, Rc<Package>>>;

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
}

/// Where packages and the standard library are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SearchPath {
    /// Directories of packages, first wins.
    pub(crate) path: Vec<PathBuf>,
    /// The directory of the standard library.
    pub(crate) stdlib_dir: Option<PathBuf>,
}

/// Works out where packages are: `ocamlpath` and `OCAMLPATH`, then the packages that the compiler of `OCAMLLIB` brings,
/// then the configuration file, then the opam switch (`_opam` in `from` or above, `OPAM_SWITCH_PREFIX`), then OCaml's
/// own directory.
pub(crate) fn search_path(ocamlpath: Option<&str>, from: &Path, environment: &Environment) -> SearchPath {
    let mut path = Vec::new();
    let add = |path: &mut Vec<PathBuf>, dirs: &str| path.extend(std::env::split_paths(dirs));
    add(&mut path, ocamlpath.unwrap_or_default());
    add(&mut path, environment.ocamlpath.as_deref().unwrap_or_default());
    // From 5.0 on a compiler brings META files of its own packages; a configuration may be another compiler's.
    let own = environment.ocamllib.iter().map(PathBuf::from);
    path.extend(own.filter(|dir| load::is_file(&dir.join("unix/META"))));
    let mut stdlib_dirs: Vec<PathBuf> = environment.ocamllib.iter().map(PathBuf::from).collect();
    let switches = [from].into_iter().chain(environment.working_dir.as_deref()).flat_map(Path::ancestors);
    let local = switches.map(|dir| dir.join("_opam")).find(|dir| load::is_dir(&dir.join("lib")));
    let switch = local.or_else(|| environment.opam_switch_prefix.as_deref().map(PathBuf::from));
    if let Some(switch) = &switch {
        let lib = switch.join("lib");
        path.extend([lib.join("ocaml"), lib.clone()]);
        stdlib_dirs.push(lib.join("ocaml"));
    }
    let explicit = environment.ocamlfind_conf.as_deref().map(PathBuf::from);
    let usual =
        ["/etc/findlib.conf", "/etc/ocamlfind.conf", "/usr/local/etc/findlib.conf"].map(PathBuf::from);
    // A switch has its own configuration; the system's would mix two compilers.
    let configurations = match (explicit, &switch) {
        (Some(file), _) => vec![file],
        (None, Some(switch)) => vec![switch.join("lib/findlib.conf")],
        (None, None) => usual.to_vec(),
    };
    for file in configurations {
        let Ok(bytes) = load::read_bytes(&file, load::BUILD_FILE_LIMIT) else { continue };
        let (conf, _) = meta::read(&String::from_utf8_lossy(&bytes));
        add(&mut path, &conf.lookup("path", |_| false).unwrap_or_default());
        stdlib_dirs.extend(conf.lookup("stdlib", |_| false).map(PathBuf::from));
        break;
    }
    stdlib_dirs.extend(path.iter().cloned());
    stdlib_dirs.extend(path.iter().map(|dir| dir.join("ocaml")));
    if switch.is_none() {
        stdlib_dirs.extend(environment.compiler_dirs.iter().cloned());
    }
    let is_stdlib =
        |dir: &PathBuf| load::is_file(&dir.join("stdlib.cmxa")) || load::is_file(&dir.join("stdlib.ml"));
    let stdlib_dir = stdlib_dirs.into_iter().find(is_stdlib);
    path.extend(stdlib_dir.clone());
    let mut seen = BTreeSet::new();
    path.retain(|dir| !dir.as_os_str().is_empty() && seen.insert(dir.clone()));
    SearchPath { path, stdlib_dir }
}

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
    /// All packages of the `META` file that holds `name`, those that do not exist left out.
    pub(crate) fn siblings(&mut self, name: &str) -> Vec<Rc<Package>> {
        let file = self.file(name.split('.').next().unwrap_or(name));
        file.into_iter()
            .flat_map(|file| file.values().cloned().collect::<Vec<_>>())
            .filter(|p| p.exists)
            .collect()
    }
    /// Names of all packages on the path, from the names of directories and files alone.
    pub(crate) fn top_names(&self) -> BTreeSet<String> {
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
        let dune = read_dune_package(&root.join("dune-package"), &mut self.problems);
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
                dune: dune.iter().find(|library| library.name == name).cloned(),
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
                    if state.get(&name) == Some(&false) {
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
    /// Cycles among requirements.
    pub(crate) cycles: Vec<Vec<String>>,
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

/// Up to three names of `known` that are near `name`, nearest first.
#[must_use]
pub fn near_names<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = (name.len() / 3).max(1);
    let plain = |text: &str| text.to_lowercase().replace(['_', '.'], "-");
    let wanted = plain(name);
    let distance = |candidate: &'a str| {
        let other = plain(candidate);
        let is_part =
            other.len() > 2 && wanted.len() > 2 && (other.starts_with(&wanted) || wanted.starts_with(&other));
        let edits = edit_distance(wanted.as_bytes(), other.as_bytes());
        (edits <= limit || is_part).then_some((edits, candidate))
    };
    let mut near: Vec<_> = known.into_iter().filter_map(distance).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// The number of insertions, deletions and changes between two texts.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_of_ocamllib_has_its_own_packages_before_those_of_the_configuration() {
        let dir = std::env::temp_dir().join(format!("unlith-search-path-{}", std::process::id()));
        let write = |file: &str, text: &str| {
            let file = dir.join(file);
            std::fs::create_dir_all(file.parent().expect("it is in a directory")).expect("can be made");
            std::fs::write(file, text).expect("can be written");
        };
        let [old, new] = ["old", "new"].map(|name| dir.join(name));
        write("findlib.conf", &format!("path = \"{0}\"\nstdlib = \"{0}\"\n", old.display()));
        write("old/stdlib.ml", "");
        write("new/stdlib.ml", "");
        let text = |path: &Path| Some(path.display().to_string());
        let conf = text(&dir.join("findlib.conf"));
        let environment =
            Environment { ocamlfind_conf: conf, ocamllib: text(&new), ..Environment::default() };
        // One before 5.0 brings none: they are where the configuration says.
        let search = search_path(None, &dir, &environment);
        assert_eq!((search.path, search.stdlib_dir), (vec![old.clone(), new.clone()], Some(new.clone())));
        write("new/unix/META", "archive(native) = \"unix.cmxa\"\n");
        let search = search_path(None, &dir, &environment);
        assert_eq!((search.path, search.stdlib_dir), (vec![new.clone(), old], Some(new)));
        std::fs::remove_dir_all(&dir).expect("it was made here");
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["lwt", "lwt_ssl", "cohttp-lwt", "yojson", "base"];
        assert_eq!(near_names("yosjon", known), ["yojson"]);
        assert_eq!(near_names("cohttp_lwt", known), ["cohttp-lwt"]);
        assert_eq!(near_names("zarith", known), [""; 0]);
    }
}
