//! The directories of a workspace with the stanzas of each, found as dune finds them.
//!
//! Takes the root, gives [`Tree`]: directories in order, each with its files, its stanzas (those of `subdir` and
//! `include` put where they belong), its dune project and its environment of flags. Names that start with `.` or `_`
//! are passed over unless `dirs` names them; a directory that is reached again through links is not read again.
//!
//! `dirs` goes from directory to directory, `stanzas` reads the files of each, `named_files` those that stanzas name.

mod contexts;
mod dirs;
mod named_files;
mod stanzas;

pub(super) use named_files::{read_included_set, read_value};

use super::lang::{Word, in_set};
use crate::base::{Code, LineCol, Problem, Severity, capitalise};
use crate::project::load;
use crate::project::sexp::{self, Sexp, atom_field, field};
use crate::project::unsaved::Unsaved;
use named_files::named_in;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A workspace as it is on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// Directories, each before its subdirectories.
    pub(crate) dirs: Vec<DuneDir>,
    /// Projects.
    pub(crate) projects: Vec<DuneProject>,
    /// The contexts that it is built in.
    pub(crate) contexts: Vec<String>,
    /// Files that stanzas include or read, there or not, each with the directories of these stanzas; relative to the root.
    pub(crate) included: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
}

/// Reads the tree under `root`; `profile` chooses among `env` settings.
pub(crate) fn read_tree(root: &Path, profile: &str, unsaved: &Unsaved) -> Tree {
    let mut reader = TreeReader {
        root,
        profile,
        unsaved,
        tree: Tree::default(),
        linked: BTreeSet::new(),
        pending: BTreeMap::new(),
    };
    let workspace = reader.read_sexps(&root.join("dune-workspace"), 0);
    reader.tree.contexts = contexts::contexts(&workspace);
    if reader.tree.contexts.len() > MAX_CONTEXTS {
        reader.tree.contexts.truncate(MAX_CONTEXTS);
        reader.report(
            Severity::Warning,
            Code::Unsupported,
            format!("more than {MAX_CONTEXTS} contexts are declared here"),
            Path::new("dune-workspace"),
            None,
            "the first ones are read; what is built in the others alone is not shown",
        );
    }
    reader.note_named(&workspace, Path::new(""));
    let mut env = Env::default();
    for stanza in &workspace {
        reader.add_env(&mut env, stanza, Path::new(""));
    }
    reader.tree.projects.push(DuneProject {
        rel: PathBuf::new(),
        lang: (2, 0),
        wrapped_executables: true,
        implicit_transitive_deps: ImplicitTransitiveDeps::On,
        cram: false,
    });
    let top = Todo { rel: PathBuf::new(), project: 0, env: Rc::new(env), parent: None, is_data: false };
    // Depth first, in order: subdirectories are pushed in reverse.
    let mut todo = vec![top];
    while let Some(next) = todo.pop() {
        let mut subdirs = reader.read_dir(next);
        subdirs.reverse();
        todo.extend(subdirs);
    }
    reader.tree
}

/// Contexts of one workspace, at most: the results of all of them are looked for.
const MAX_CONTEXTS: usize = 64;

impl Tree {
    /// Takes out the rules that do not apply: where a condition cannot be told, its rule stays. Rules that apply in another
    /// context only come last: what the first one makes counts.
    pub(crate) fn drop_disabled_rules(&mut self, root: &Path, variable: &dyn Fn(&str) -> Option<String>) {
        let mut dirs = std::mem::take(&mut self.dirs);
        for DuneDir { rel, stanzas, .. } in &mut dirs {
            let variable = |name: &str| variable(name).or_else(|| read_value(root, rel, name));
            let held = |stanza: &Stanza| {
                stanza.rule_condition().map_or((None, 0), |enabled| self.holds(enabled, &variable))
            };
            stanzas.retain(|stanza| held(stanza).0 != Some(false));
            stanzas.sort_by_cached_key(|stanza| held(stanza).1);
        }
        self.dirs = dirs;
    }

    /// The directories that `(vendored_dirs)` names, relative to the root.
    pub(crate) fn vendored_dirs(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for dir in &self.dirs {
            for stanza in dir.stanzas.iter().filter(|stanza| stanza.kind == "vendored_dirs") {
                let subdirs = dir.subdirs.iter().map(|&sub| &self.dirs[sub].rel);
                found.extend(subdirs.filter(|rel| is_named(rel, &stanza.fields)).cloned());
            }
        }
        found
    }
}

fn is_named(rel: &Path, set: &[Sexp]) -> bool {
    let name = rel.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| in_set(set, name, &|name| !name.starts_with(['.', '_'])))
}

/// One directory.
#[derive(Clone, Debug)]
pub(crate) struct DuneDir {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Relative to the root.
    pub(crate) rel: PathBuf,
    /// Names of its files, sorted.
    pub(crate) files: Vec<String>,
    /// Its stanzas, in order.
    pub(crate) stanzas: Vec<Stanza>,
    /// Index of its project in [`Tree::projects`].
    pub(crate) project: usize,
    /// Its flags.
    pub(crate) env: Rc<Env>,
    /// Indices of its subdirectories, in order.
    pub(crate) subdirs: Vec<usize>,
    /// Whether its build files are not read and its modules are nobody's.
    pub(crate) is_data: bool,
}

impl DuneDir {
    /// The file of a module in one of the other syntaxes that dune knows how to turn into OCaml's: Reason, or Dream's templates.
    pub(crate) fn file_of_dialect(&self, module: &str) -> Option<&str> {
        let is_of = |file: &&String| {
            let parts = file.rsplit_once('.');
            parts.is_some_and(|(stem, extension)| {
                matches!(extension, "re" | "eml") && capitalise(stem.trim_end_matches(".ml")) == module
            })
        };
        self.files.iter().find(is_of).map(String::as_str)
    }

    /// How subdirectories belong to it; `None` where it does not say.
    pub(crate) fn include_subdirs(&self) -> Option<IncludeSubdirs> {
        let stanza = self.stanzas.iter().find(|stanza| stanza.kind == "include_subdirs")?;
        Some(match stanza.fields.first().and_then(Sexp::atom) {
            Some("unqualified") => IncludeSubdirs::Unqualified,
            Some("qualified") => IncludeSubdirs::Qualified,
            _ => IncludeSubdirs::No,
        })
    }
}

/// How subdirectories' modules belong to a directory's stanzas.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IncludeSubdirs {
    /// They do not.
    No,
    /// As if they were in the directory.
    Unqualified,
    /// As submodules named by the path.
    Qualified,
}

/// One stanza: `(kind fields..)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stanza {
    /// Its first word.
    pub(crate) kind: String,
    /// What follows.
    pub(crate) fields: Vec<Sexp>,
    /// The file that holds it, as shown.
    pub(crate) file: PathBuf,
    /// Where it starts.
    pub(crate) at: LineCol,
}

impl Stanza {
    /// The condition of a stanza that makes files.
    pub(crate) fn rule_condition(&self) -> Option<&Sexp> {
        let makes_files = matches!(
            self.kind.as_str(),
            "rule" | "copy_files" | "copy_files#" | "ocamllex" | "ocamlyacc" | "menhir"
        );
        field(&self.fields, "enabled_if").filter(|_| makes_files)?.first()
    }
}

/// One `dune-project`, or the root without one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DuneProject {
    /// Its directory, relative to the root.
    pub(crate) rel: PathBuf,
    /// The version of dune's language: major, minor.
    pub(crate) lang: (u32, u32),
    /// Whether executables' modules are called `Dune__exe__X`.
    pub(crate) wrapped_executables: bool,
    /// Whether modules may be named of what is required indirectly.
    pub(crate) implicit_transitive_deps: ImplicitTransitiveDeps,
    /// Whether directories named `X.t` hold tests of commands: data, whatever build files are in them.
    pub(crate) cram: bool,
}

/// Whether the modules of what a library requires indirectly may be named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ImplicitTransitiveDeps {
    /// They may.
    On,
    /// They may not.
    Off,
    /// They may not where the compiler can hide directories (`-H`, since OCaml 5.2).
    OffIfHidden,
}

/// Flags that stanzas of a directory start from (`:standard`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Env {
    /// `flags`
    pub(crate) flags: Vec<Word>,
    /// `ocamlopt_flags`
    pub(crate) ocamlopt_flags: Vec<Word>,
    /// `link_flags`
    pub(crate) link_flags: Vec<Word>,
}

/// Finds the root: the outermost directory with a `dune-workspace`, else with a `dune-project`, at or above `path`.
pub(crate) fn find_root(path: &Path) -> Option<PathBuf> {
    let with = |name: &str| path.ancestors().filter(|dir| load::is_file(&dir.join(name))).last();
    with("dune-workspace").or_else(|| with("dune-project")).map(Path::to_path_buf)
}

/// The whole path of a directory: as it is named, unless a link alone leads into a workspace.
pub(crate) fn located(dir: &Path) -> PathBuf {
    let named = load::absolute(dir);
    if find_root(&named).is_some() {
        return named;
    }
    let real = load::canonical(&named);
    if find_root(&real).is_some() { real } else { named }
}

/// What a `dune-workspace` says of the profile.
pub(crate) fn workspace_profile(root: &Path, unsaved: &Unsaved) -> Option<String> {
    let bytes = unsaved.bytes(&root.join("dune-workspace")).ok()?;
    let (sexps, _) = sexp::read(&String::from_utf8_lossy(&bytes));
    atom_field(&sexps, "profile").map(str::to_string)
}

struct Todo {
    rel: PathBuf,
    project: usize,
    env: Rc<Env>,
    parent: Option<usize>,
    is_data: bool,
}

struct TreeReader<'a> {
    root: &'a Path,
    profile: &'a str,
    unsaved: &'a Unsaved,
    tree: Tree,
    /// Directories that links lead to, where they really are.
    linked: BTreeSet<PathBuf>,
    /// Stanzas of `subdir`, by the directory they are for.
    pending: BTreeMap<PathBuf, Vec<Stanza>>,
}

impl TreeReader<'_> {
    fn report(
        &mut self,
        severity: Severity,
        code: Code,
        message: String,
        file: &Path,
        at: Option<LineCol>,
        help: &str,
    ) {
        self.tree.problems.push(Problem::new(severity, code, message).at(file, at).help(help));
    }

    /// Notes that a directory's stanzas include a file.
    fn note_included(&mut self, file: PathBuf, rel: &Path) {
        self.tree.included.entry(file).or_default().insert(rel.to_path_buf());
    }

    /// Notes the files that sets and values of a directory's stanzas are read from.
    fn note_named(&mut self, stanzas: &[Stanza], rel: &Path) {
        let named = stanzas.iter().flat_map(|stanza| named_in(&stanza.fields));
        named.for_each(|name| self.note_included(load::normal(&rel.join(name)), rel));
    }

    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).unwrap_or(path).to_path_buf()
    }
}
