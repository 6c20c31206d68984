//! The directories of a workspace with the stanzas of each, found as dune finds them.
//!
//! Takes the root, gives [`Tree`]: directories in order, each with its files, its stanzas (those of `subdir` and
//! `include` put where they belong), its dune project and its environment of flags. Names that start with `.` or `_`
//! are passed over unless `dirs` names them; a directory that is reached again through links is not read again.

use super::super::load;
use super::super::sexp::{self, Sexp, atom_field, field};
use super::super::unsaved::Unsaved;
use super::lang::{Word, in_set, ordered_set};
use crate::base::{Code, LineCol, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Directories nested deeper than this are not read.
const MAX_DEPTH: usize = 100;
/// Files included deeper than this are not read: one that includes itself would not end.
const MAX_INCLUDES: usize = 20;

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

/// One `dune-project`, or the root without one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DuneProject {
    /// The version of dune's language: major, minor.
    pub(crate) lang: (u32, u32),
    /// Whether executables' modules are called `Dune__exe__X`.
    pub(crate) wrapped_executables: bool,
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

impl Tree {
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

impl DuneDir {
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

/// A workspace as it is on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// Directories, each before its subdirectories.
    pub(crate) dirs: Vec<DuneDir>,
    /// Projects.
    pub(crate) projects: Vec<DuneProject>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
}

/// Finds the root: the outermost directory with a `dune-workspace`, else with a `dune-project`, at or above `path`.
pub(crate) fn find_root(path: &Path) -> Option<PathBuf> {
    let with = |name: &str| path.ancestors().filter(|dir| load::is_file(&dir.join(name))).last();
    with("dune-workspace").or_else(|| with("dune-project")).map(Path::to_path_buf)
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
    let mut env = Env::default();
    for stanza in &workspace {
        reader.add_env(&mut env, stanza, root);
    }
    reader.tree.projects.push(DuneProject { lang: (2, 0), wrapped_executables: true });
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
    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).unwrap_or(path).to_path_buf()
    }
    /// Reads one directory and gives its subdirectories.
    fn read_dir(&mut self, todo: Todo) -> Vec<Todo> {
        let Todo { rel, mut project, env, parent, is_data } = todo;
        let path = if rel.as_os_str().is_empty() { self.root.to_path_buf() } else { self.root.join(&rel) };
        let entries = match load::list_dir(&path) {
            Ok(entries) => entries,
            // `subdir` speaks of a directory that only rules make.
            Err(_) if !path.exists() && self.pending.keys().any(|other| other.starts_with(&rel)) => {
                Vec::new()
            }
            Err(error) => {
                let message = format!("cannot list this directory: {error}");
                let help = "what is in it is left out; make it readable, or leave it out with `(dirs ..)`";
                self.report(Severity::Error, Code::Unreadable, message, &rel, None, help);
                return Vec::new();
            }
        };
        let mut files: Vec<String> =
            entries.iter().filter(|entry| !entry.is_dir).map(|entry| entry.name.clone()).collect();
        files.extend(self.unsaved.names_in(&path).map(str::to_owned));
        files.sort();
        files.dedup();
        let has = |name: &str| files.binary_search_by(|file| file.as_str().cmp(name)).is_ok();
        if has("dune-project") && !is_data {
            let read = self.read_project(&path.join("dune-project"));
            self.tree.projects.push(read);
            project = self.tree.projects.len() - 1;
        }
        let mut stanzas = self.pending.remove(&rel).unwrap_or_default();
        if !is_data {
            if has("dune") || has("dune-file") {
                let file = path.join(if has("dune") { "dune" } else { "dune-file" });
                stanzas.extend(self.read_sexps(&file, 0));
            } else if has("jbuild") {
                let message = "jbuild files are not read".to_string();
                let help = "its stanzas are left out; upgrade it with `dune upgrade`";
                self.report(
                    Severity::Warning,
                    Code::Unsupported,
                    message,
                    &self.shown(&path.join("jbuild")),
                    None,
                    help,
                );
            }
        }
        let stanzas = self.expand(stanzas, &rel, 0);
        let mut own_env = (*env).clone();
        for stanza in &stanzas {
            self.add_env(&mut own_env, stanza, &path);
        }
        let env = if own_env == *env { env } else { Rc::new(own_env) };
        let subdirs = entries.into_iter().filter(|entry| entry.is_dir).collect();
        let mut subdirs = self.choose_subdirs(subdirs, &stanzas, &path, &rel);
        for other in self.pending.keys() {
            let below = other.strip_prefix(&rel).ok().and_then(|below| below.components().next());
            if let Some(Component::Normal(name)) = below
                && let Some(name) = name.to_str()
                && !path.join(name).exists()
                && subdirs.iter().all(|(other, _)| other != name)
                && rel.components().count() < MAX_DEPTH
            {
                subdirs.push((name.to_owned(), false));
            }
        }
        let index = self.tree.dirs.len();
        if let Some(parent) = parent {
            self.tree.dirs[parent].subdirs.push(index);
        }
        let todo = subdirs.into_iter().map(|(name, is_data_dir)| Todo {
            rel: rel.join(name),
            project,
            env: env.clone(),
            parent: Some(index),
            is_data: is_data || is_data_dir,
        });
        let todo = todo.collect();
        self.tree.dirs.push(DuneDir {
            path,
            rel,
            files,
            stanzas,
            project,
            env,
            subdirs: Vec::new(),
            is_data,
        });
        todo
    }
    /// The subdirectories to read, each with whether it holds data only.
    fn choose_subdirs(
        &mut self,
        entries: Vec<load::Entry>,
        stanzas: &[Stanza],
        path: &Path,
        rel: &Path,
    ) -> Vec<(String, bool)> {
        let set = |kind: &str| {
            stanzas.iter().find(|stanza| stanza.kind == kind).map(|stanza| stanza.fields.as_slice())
        };
        let (dirs, data, ignored) = (set("dirs"), set("data_only_dirs"), set("ignored_subdirs"));
        let standard = |name: &str| !name.starts_with(['.', '_']);
        let mut chosen = Vec::new();
        for entry in entries {
            let name = entry.name.as_str();
            let is_data = data.is_some_and(|set| in_set(set, name, &standard))
                || ignored.is_some_and(|set| {
                    set.iter().any(|item| in_set(item.list().unwrap_or_default(), name, &standard))
                });
            let is_there = match dirs {
                Some(set) => in_set(set, name, &standard),
                None => standard(name),
            };
            // What dune and the version control keep is never part of the tree, whatever `dirs` says.
            if !is_there || matches!(name, "_build" | ".git" | "_opam") {
                continue;
            }
            if rel.components().count() >= MAX_DEPTH {
                let message = format!("directories are nested deeper than {MAX_DEPTH} levels");
                self.report(
                    Severity::Warning,
                    Code::Unsupported,
                    message,
                    rel,
                    None,
                    "what lies deeper is left out",
                );
                break;
            }
            if entry.is_link {
                let real = load::canonical(&path.join(name));
                let is_loop = load::canonical(path).starts_with(&real);
                if is_loop || !self.linked.insert(real) {
                    let message = "this link leads to a directory that is read already".to_string();
                    self.report(
                        Severity::Note,
                        Code::Cycle,
                        message,
                        &rel.join(name),
                        None,
                        "it is not read again",
                    );
                    continue;
                }
            }
            chosen.push((entry.name, is_data));
        }
        chosen
    }
    fn read_project(&mut self, file: &Path) -> DuneProject {
        let stanzas = self.read_sexps(file, 0);
        let lang = stanzas.iter().find(|stanza| stanza.kind == "lang").and_then(|stanza| {
            let version = stanza.fields.get(1)?.atom()?;
            let (major, minor) = version.split_once('.')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        if lang.is_none() {
            let message = "this dune-project does not say `(lang dune VERSION)`".to_string();
            let help = "it is read as `(lang dune 2.0)`; add that line";
            self.report(Severity::Warning, Code::BrokenBuildFile, message, &self.shown(file), None, help);
        }
        let lang = lang.unwrap_or((2, 0));
        let wrapped = stanzas.iter().find(|stanza| stanza.kind == "wrapped_executables");
        let wrapped = wrapped.and_then(|stanza| stanza.fields.first()).and_then(Sexp::atom);
        DuneProject { lang, wrapped_executables: wrapped.map_or(lang >= (2, 0), |value| value == "true") }
    }
    /// Reads a file of stanzas; one that is not there is empty.
    fn read_sexps(&mut self, file: &Path, depth: usize) -> Vec<Stanza> {
        let shown = self.shown(file);
        if depth == 0 && !self.unsaved.is_file(file) {
            return Vec::new();
        }
        let Some(text) = self.unsaved.build_file(file, &shown, &mut self.tree.problems) else {
            return Vec::new();
        };
        if text.trim_start().starts_with("(*") {
            let message = "this dune file is an OCaml program".to_string();
            let help = "its stanzas are left out, since no program is run; write them out, or keep them in an included file";
            self.report(Severity::Warning, Code::Unsupported, message, &shown, None, help);
            return Vec::new();
        }
        let (sexps, errors) = sexp::read(&text);
        for error in errors {
            let message = format!("this file has a syntax error: {}", error.message);
            let help = "what could be read was used; check the parentheses around this place";
            self.report(Severity::Error, Code::BrokenBuildFile, message, &shown, Some(error.at), help);
        }
        let mut stanzas = Vec::new();
        for sexp in sexps {
            let at = sexp.at();
            match sexp {
                Sexp::List { mut items, .. } if items.first().is_some_and(|first| first.atom().is_some()) => {
                    let kind = items.remove(0).atom().unwrap_or_default().to_string();
                    stanzas.push(Stanza { kind, fields: items, file: shown.clone(), at });
                }
                _ => {
                    let message = "expected a stanza: a list that starts with a word".to_string();
                    self.report(
                        Severity::Error,
                        Code::BrokenBuildFile,
                        message,
                        &shown,
                        Some(at),
                        "it was passed over",
                    );
                }
            }
        }
        stanzas
    }
    /// Puts the content of `include` in its place, and that of `subdir` aside for its directory.
    fn expand(&mut self, stanzas: Vec<Stanza>, rel: &Path, depth: usize) -> Vec<Stanza> {
        let mut out = Vec::new();
        for stanza in stanzas {
            match stanza.kind.as_str() {
                "include" => {
                    let Some(name) = stanza.fields.first().and_then(Sexp::atom) else { continue };
                    let found = self.find_included(rel, name, &stanza);
                    if depth >= MAX_INCLUDES {
                        let message = format!("files include each other more than {MAX_INCLUDES} deep");
                        let help = "what is included deeper is left out; remove the cycle";
                        self.report(
                            Severity::Error,
                            Code::Cycle,
                            message,
                            &stanza.file,
                            Some(stanza.at),
                            help,
                        );
                    } else if let Some(file) = found {
                        let included = self.read_sexps(&file, 1);
                        out.extend(self.expand(included, rel, depth + 1));
                    }
                }
                "subdir" => {
                    let Some((dir, rest)) = stanza.fields.split_first() else { continue };
                    let target = load::normal(&rel.join(dir.atom().unwrap_or_default()));
                    let inner = rest.iter().filter_map(|sexp| {
                        let (kind, fields) = sexp.field()?;
                        Some(Stanza {
                            kind: kind.into(),
                            fields: fields.to_vec(),
                            file: stanza.file.clone(),
                            at: sexp.at(),
                        })
                    });
                    let inner = inner.collect::<Vec<_>>();
                    if target == rel && depth < MAX_INCLUDES {
                        out.extend(self.expand(inner, rel, depth + 1));
                    } else {
                        self.pending.entry(target).or_default().extend(inner);
                    }
                }
                _ => out.push(stanza),
            }
        }
        out
    }
    fn find_included(&mut self, rel: &Path, name: &str, stanza: &Stanza) -> Option<PathBuf> {
        let source = load::normal(&self.root.join(rel).join(name));
        let built = load::normal(&self.root.join("_build/default").join(rel).join(name));
        let found = [source, built].into_iter().find(|file| self.unsaved.is_file(file));
        if found.is_none() {
            let message = format!("the included file `{name}` does not exist");
            let help = "its stanzas are left out; if it is generated, build once with dune, then run again";
            self.report(Severity::Error, Code::Generated, message, &stanza.file, Some(stanza.at), help);
        }
        found
    }
    /// Adds what an `env` stanza says for the profile.
    fn add_env(&mut self, env: &mut Env, stanza: &Stanza, dir: &Path) {
        if stanza.kind != "env" {
            return;
        }
        let Some(settings) = field(&stanza.fields, self.profile).or_else(|| field(&stanza.fields, "_"))
        else {
            return;
        };
        let mut include = |file: &str, _: LineCol| read_included_set(dir, dir, file);
        for (name, words) in [
            ("flags", &mut env.flags),
            ("ocamlopt_flags", &mut env.ocamlopt_flags),
            ("link_flags", &mut env.link_flags),
        ] {
            if let Some(items) = field(settings, name) {
                *words = ordered_set(items, words, &mut include);
            }
        }
    }
}

/// Reads the set of `(:include FILE)`, from the source or where the build leaves it.
pub(crate) fn read_included_set(dir: &Path, built_dir: &Path, file: &str) -> Vec<Sexp> {
    let found = [dir.join(file), built_dir.join(file)].into_iter().find(|file| load::is_file(file));
    let bytes =
        found.and_then(|file| load::read_bytes(&file, load::BUILD_FILE_LIMIT).ok()).unwrap_or_default();
    sexp::read(&String::from_utf8_lossy(&bytes))
        .0
        .into_iter()
        .flat_map(|sexp| match sexp {
            Sexp::List { items, .. } => items,
            atom => vec![atom],
        })
        .collect()
}

/// What a `dune-workspace` says of the profile.
pub(crate) fn workspace_profile(root: &Path, unsaved: &Unsaved) -> Option<String> {
    let bytes = unsaved.bytes(&root.join("dune-workspace")).ok()?;
    let (sexps, _) = sexp::read(&String::from_utf8_lossy(&bytes));
    atom_field(&sexps, "profile").map(str::to_string)
}
