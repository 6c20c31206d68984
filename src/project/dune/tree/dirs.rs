//! From directory to directory: which subdirectories there are, and what each begins with.

use super::{DuneDir, Stanza, Todo, TreeReader};
use crate::base::{Code, Severity};
use crate::project::dune::lang::in_set;
use crate::project::load;
use std::path::{Component, Path};
use std::rc::Rc;

/// Directories nested deeper than this are not read.
const MAX_DEPTH: usize = 100;

impl TreeReader<'_> {
    /// Reads one directory and gives its subdirectories.
    pub(super) fn read_dir(&mut self, todo: Todo) -> Vec<Todo> {
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
        let stanzas = self.expand(stanzas, &rel);
        self.note_named(&stanzas, &rel);
        let mut own_env = (*env).clone();
        for stanza in &stanzas {
            self.add_env(&mut own_env, stanza, &rel);
        }
        let env = if own_env == *env { env } else { Rc::new(own_env) };
        let subdirs = entries.into_iter().filter(|entry| entry.is_dir).collect();
        let has_cram = self.tree.projects[project].cram;
        let mut subdirs = self.choose_subdirs(subdirs, &stanzas, &path, &rel, has_cram);
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
        has_cram: bool,
    ) -> Vec<(String, bool)> {
        let set = |kind: &str| {
            stanzas.iter().find(|stanza| stanza.kind == kind).map(|stanza| stanza.fields.as_slice())
        };
        let (dirs, data, ignored) = (set("dirs"), set("data_only_dirs"), set("ignored_subdirs"));
        let standard = |name: &str| !name.starts_with(['.', '_']);
        let mut chosen = Vec::new();
        for entry in entries {
            let name = entry.name.as_str();
            let is_data = (has_cram && name.ends_with(".t"))
                || data.is_some_and(|set| in_set(set, name, &standard))
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
}
