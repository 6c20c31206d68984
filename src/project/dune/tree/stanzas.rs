//! Stanzas: read from their files, with what is included, and what they say for whole directories.

use super::named_files::{find_file, read_included_set, written_by_program};
use super::{DuneProject, Env, ImplicitTransitiveDeps, Stanza, TreeReader};
use crate::base::{Code, LineCol, Severity};
use crate::project::dune::lang::ordered_set;
use crate::project::load;
use crate::project::sexp::{self, Sexp, field};
use std::path::{Path, PathBuf};

/// Files included deeper than this are not read: one that includes itself would not end.
const MAX_INCLUDES: usize = 20;
/// So many files are included in one, at most: files that each include another one twice double at every level.
const MAX_INCLUDED: usize = 1_000;

impl TreeReader<'_> {
    pub(super) fn read_project(&mut self, file: &Path) -> DuneProject {
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
        let setting = |kind: &str| {
            let stanza = stanzas.iter().find(|stanza| stanza.kind == kind)?;
            stanza.fields.first().and_then(Sexp::atom)
        };
        let wrapped = setting("wrapped_executables");
        let cram = setting("cram");
        let dir = file.parent().unwrap_or(file);
        DuneProject {
            rel: dir.strip_prefix(self.root).unwrap_or(dir).to_path_buf(),
            lang,
            wrapped_executables: wrapped.map_or(lang >= (2, 0), |value| value == "true"),
            implicit_transitive_deps: match setting("implicit_transitive_deps") {
                Some("false") => ImplicitTransitiveDeps::Off,
                Some("false-if-hidden-includes-supported") => ImplicitTransitiveDeps::OffIfHidden,
                _ => ImplicitTransitiveDeps::On,
            },
            cram: cram.map_or(lang >= (3, 0), |value| value == "enable"),
        }
    }

    /// Reads a file of stanzas; one that is not there is empty.
    pub(super) fn read_sexps(&mut self, file: &Path, depth: usize) -> Vec<Stanza> {
        let shown = self.shown(file);
        if depth == 0 && !self.unsaved.is_file(file) {
            return Vec::new();
        }
        let Some(text) = self.unsaved.build_file(file, &shown, &mut self.tree.problems) else {
            return Vec::new();
        };
        if text.trim_start().starts_with("(*") {
            return self.read_written(file, &shown, depth);
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

    /// Reads what a dune file that is an OCaml program said when dune ran it last: none is run here. What it says is no program.
    fn read_written(&mut self, file: &Path, shown: &Path, depth: usize) -> Vec<Stanza> {
        let Some(written) = written_by_program(self.root, file).filter(|_| depth == 0) else {
            let message = "this dune file is an OCaml program".to_string();
            let help = "its stanzas are left out, since no program is run; build once with `dune build`, then run again, or write them out";
            self.report(Severity::Warning, Code::Unsupported, message, shown, None, help);
            return Vec::new();
        };
        let message = format!(
            "this dune file is an OCaml program; its stanzas are read from {}",
            self.shown(&written).display()
        );
        let help = "no program is run; if it has changed, build once with `dune build`, then run again";
        self.report(Severity::Note, Code::Unsupported, message, shown, None, help);
        self.read_sexps(&written, 1)
    }

    /// Puts the content of `include` in its place, and that of `subdir` aside for its directory.
    pub(super) fn expand(&mut self, stanzas: Vec<Stanza>, rel: &Path) -> Vec<Stanza> {
        self.expand_in(stanzas, rel, rel, 0, &mut 0)
    }

    /// What `include` names is seen from `from`, where the stanzas stand: an included file may lie elsewhere.
    fn expand_in(
        &mut self,
        stanzas: Vec<Stanza>,
        rel: &Path,
        from: &Path,
        depth: usize,
        n_included: &mut usize,
    ) -> Vec<Stanza> {
        let mut out = Vec::new();
        for stanza in stanzas {
            match stanza.kind.as_str() {
                "include" => {
                    let Some(name) = stanza.fields.first().and_then(Sexp::atom) else { continue };
                    *n_included += 1;
                    if *n_included > MAX_INCLUDED {
                        if *n_included == MAX_INCLUDED + 1 {
                            let message = format!("files include each other more than {MAX_INCLUDED} times");
                            let help = "what is included after that is left out; include each file once";
                            let file = &stanza.file;
                            self.report(Severity::Error, Code::Cycle, message, file, Some(stanza.at), help);
                        }
                        continue;
                    }
                    let included = load::normal(&from.join(name));
                    let found = self.find_included(from, name, &stanza);
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
                        let stanzas = self.read_sexps(&file, 1);
                        let dir = included.parent().unwrap_or(from);
                        out.extend(self.expand_in(stanzas, rel, dir, depth + 1, n_included));
                    }
                    self.note_included(included, rel);
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
                        out.extend(self.expand_in(inner, rel, from, depth + 1, n_included));
                    } else {
                        self.pending.entry(target).or_default().extend(inner);
                    }
                }
                _ => out.push(stanza),
            }
        }
        out
    }

    fn find_included(&mut self, from: &Path, name: &str, stanza: &Stanza) -> Option<PathBuf> {
        let found = find_file(self.root, from, name, |file| self.unsaved.is_file(file));
        if found.is_none() {
            let message = format!("the included file `{name}` does not exist");
            let help = "its stanzas are left out; if it is generated, build once with dune, then run again";
            self.report(Severity::Error, Code::Generated, message, &stanza.file, Some(stanza.at), help);
        }
        found
    }

    /// Adds what an `env` stanza says for the profile.
    pub(super) fn add_env(&mut self, env: &mut Env, stanza: &Stanza, rel: &Path) {
        if stanza.kind != "env" {
            return;
        }
        let Some(settings) = field(&stanza.fields, self.profile).or_else(|| field(&stanza.fields, "_"))
        else {
            return;
        };
        let mut include =
            |file: &str, _: LineCol| read_included_set(self.root, rel, file).unwrap_or_default();
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
