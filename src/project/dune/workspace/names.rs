//! What the names of libraries mean: those of the workspace, those that are installed, and those that are nowhere.

use super::Loader;
use crate::base::{Code, Idx, LibraryId, Problem, Severity};
use crate::project::dune::declare::{Buildable, Dependency, LibraryDecl};
use crate::project::dune::lang::{Word, asked};
use crate::project::dune::tree::{DuneDir, ImplicitTransitiveDeps, read_value};
use crate::project::findlib::near_names;
use crate::project::installed::{link_order, visible};
use crate::project::model::LibraryOrigin;
use crate::project::sexp::Sexp;
use std::collections::BTreeSet;
use std::path::Path;

/// What a name in `libraries` means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// A library of the workspace, by its position.
    Local(usize),
    /// A package that is installed.
    Installed,
    /// Nothing.
    Nowhere,
}

impl<'a> Loader<'a> {
    pub(super) fn index_names(&mut self) {
        for (index, decl) in self.declared.libraries.iter().enumerate() {
            let local = (self.project_of(&decl.common), decl.name.as_str());
            let first = self.local.get(&local).copied();
            let first =
                first.or_else(|| decl.public_name.as_deref().and_then(|name| self.public.get(name).copied()));
            if let Some(first) = first {
                let is_meant = self.is_meant_instead(index, first);
                self.available[if is_meant { first } else { index }] = false;
                if !is_meant {
                    continue;
                }
            }
            self.local.insert(local, index);
            if let Some(public) = &decl.public_name {
                self.public.insert(public, index);
            }
        }
    }

    /// Whether a library is meant by its name, and not another one of that name that was met before.
    fn is_meant_instead(&mut self, index: usize, first: usize) -> bool {
        let (before, decl) = (self.library_decl(first), self.library_decl(index));
        // One for each of several contexts: that of the first of these is read.
        if before.common.context != decl.common.context {
            let is_meant = decl.common.context < before.common.context;
            let [read, other] = if is_meant { [decl, before] } else { [before, decl] };
            self.report_other_context(read, other);
            return is_meant;
        }
        // Of two with conditions that only libraries at hand can tell, or nothing, one is meant to be built.
        if before.common.enabled_if.is_some() && decl.common.enabled_if.is_some() {
            return self.condition_of(&before.common) == Some(false);
        }
        let message = format!(
            "library `{}` is declared twice: also in {}, line {}",
            decl.public_name.as_ref().unwrap_or(&decl.name),
            before.common.file.display(),
            before.common.at.line
        );
        let problem = Problem::new(Severity::Error, Code::Duplicate, message);
        let help = "the first one is used; rename one, or leave its directory out with `(dirs ..)`";
        self.builder.report(problem.at(&decl.common.file, Some(decl.common.at)).help(help));
        false
    }

    /// Says that programs of another context, too, are shown with the library that this one has.
    fn report_other_context(&mut self, read: &LibraryDecl, other: &LibraryDecl) {
        let [of, not_of] = [read, other].map(|decl| self.tree.contexts[decl.common.context].as_str());
        let name = &read.name;
        let message =
            format!("of the libraries `{name}`, that of the context `{of}` is read, not that of `{not_of}`");
        let problem = Problem::new(Severity::Note, Code::Unsupported, message);
        let help = format!("programs that only `{not_of}` has are shown with the other one, too");
        self.builder.report(problem.at(&other.common.file, Some(other.common.at)).help(help));
    }

    /// Finds out which libraries are not built: those that a condition turns off, then the optional ones that lack something,
    /// and what that takes away from others in turn.
    pub(super) fn drop_unavailable(&mut self) {
        self.drop_lacking();
        let declared = self.declared;
        for (index, decl) in declared.libraries.iter().enumerate() {
            self.available[index] = self.available[index] && self.is_enabled(&decl.common, "library");
        }
        self.drop_lacking();
    }

    /// Whether a stanza is enabled by its condition. One that cannot be told is, and it is said so.
    pub(super) fn is_enabled(&mut self, common: &'a Buildable, kind: &str) -> bool {
        let is_enabled = self.condition_of(common);
        if let (None, Some(enabled_if)) = (is_enabled, &common.enabled_if) {
            let message = format!("this `{kind}` is taken as enabled: its condition is not understood");
            let problem = Problem::new(Severity::Note, Code::Unsupported, message);
            let help = "the analysis may show more than this machine builds";
            self.builder.report(problem.at(&common.file, Some(enabled_if.at())).help(help));
        }
        is_enabled.unwrap_or(true)
    }

    /// What the condition of a stanza comes to with the libraries that are at hand; none where it cannot be told.
    fn condition_of(&mut self, common: &'a Buildable) -> Option<bool> {
        let Some(enabled_if) = &common.enabled_if else { return Some(true) };
        self.condition_in(common.dir, enabled_if)
    }

    /// The same for a condition in a directory.
    fn condition_in(&mut self, dir: usize, enabled_if: &'a Sexp) -> Option<bool> {
        let DuneDir { project, rel, .. } = &self.tree.dirs[dir];
        let project = *project;
        let libraries = asked(enabled_if, "lib-available").into_iter();
        let at_hand: BTreeSet<&str> =
            libraries.filter(|library| self.find(project, library) != Found::Nowhere).collect();
        let value = |variable: &str| match variable.strip_prefix("lib-available:") {
            Some(library) => Some(at_hand.contains(library).to_string()),
            None => (self.variable)(variable).or_else(|| read_value(self.root, rel, variable)),
        };
        self.tree.holds(enabled_if, &value).0
    }

    /// The rules that do not apply, since a library is at hand or is not: directory, and place among its stanzas.
    pub(super) fn rules_turned_off(&mut self) -> BTreeSet<(usize, usize)> {
        let mut off = BTreeSet::new();
        let tree = self.tree;
        for (dir, DuneDir { stanzas, .. }) in tree.dirs.iter().enumerate() {
            for (index, stanza) in stanzas.iter().enumerate() {
                // What others ask for is known from before.
                if let Some(enabled_if) = stanza.rule_condition()
                    && !asked(enabled_if, "lib-available").is_empty()
                    && self.condition_in(dir, enabled_if) == Some(false)
                {
                    off.insert((dir, index));
                }
            }
        }
        off
    }

    fn drop_lacking(&mut self) {
        loop {
            let mut dropped = Vec::new();
            for (index, decl) in self.declared.libraries.iter().enumerate() {
                if self.available[index] && decl.common.is_optional && !self.has_all(&decl.common) {
                    dropped.push(index);
                }
            }
            if dropped.is_empty() {
                return;
            }
            dropped.into_iter().for_each(|index| self.available[index] = false);
        }
    }

    pub(super) fn has_all(&mut self, common: &'a Buildable) -> bool {
        let project = self.project_of(common);
        needed(common).all(|word| self.find(project, &word.text) != Found::Nowhere)
    }

    /// Looks a library's name up: in the project, then among public names, then among what is installed.
    pub(super) fn find(&mut self, project: usize, library: &str) -> Found {
        let library = self.renamed.get(library).copied().unwrap_or(library);
        let index = self.local.get(&(project, library)).or_else(|| self.public.get(library)).copied();
        match index.filter(|&index| self.available[index]) {
            Some(index) => Found::Local(index),
            None if self.installed.findlib.package(library).is_some() => Found::Installed,
            None => Found::Nowhere,
        }
    }

    /// The library of a name; one that is nowhere is reported.
    pub(super) fn require(&mut self, common: &Buildable, word: &Word) -> Option<LibraryId> {
        match self.find(self.project_of(common), &word.text) {
            Found::Local(index) => self.ids[index],
            Found::Installed => {
                let name = self.renamed.get(word.text.as_str()).copied().unwrap_or(&word.text).to_string();
                self.installed.load(&mut self.builder, &[name]).into_iter().flatten().next()
            }
            Found::Nowhere => {
                self.report_missing(common, word);
                None
            }
        }
    }

    /// What `libraries` and the rewriters' runtime ask for, in order, each once.
    pub(super) fn requires(&mut self, common: &'a Buildable) -> Vec<LibraryId> {
        let mut requires = Vec::new();
        for dependency in &common.dependencies {
            match dependency {
                Dependency::Library(word) => requires.extend(self.require(common, word)),
                Dependency::Select { choices, .. } => {
                    if let Some((needed, _)) = self.choose(common, choices) {
                        for word in needed {
                            requires.extend(self.require(common, word));
                        }
                    }
                }
            }
        }
        for word in &common.rewriters {
            requires.extend(self.rewriter_runtime(common, word));
        }
        let mut seen = BTreeSet::new();
        requires.retain(|&library| library != self.installed.stdlib && seen.insert(library));
        requires
    }

    /// Those of the libraries that clients see as if they required them themselves.
    pub(super) fn re_exports(&mut self, common: &Buildable) -> Vec<LibraryId> {
        let project = self.project_of(common);
        let mut ids = Vec::new();
        for word in &common.re_exports {
            if self.find(project, &word.text) != Found::Nowhere {
                ids.extend(self.require(common, word));
            }
        }
        ids
    }

    /// Puts what is exported again among what a library requires, before what exports it, as dune does. What a virtual
    /// library exports again is not for its implementations.
    pub(super) fn close_requires(&mut self, id: LibraryId) {
        let libraries = &self.builder.project.libraries;
        let library = &libraries[id.idx()];
        let (implemented, others): (Vec<_>, Vec<_>) =
            library.requires.iter().partition(|&&required| library.implements == Some(required));
        let mut requires = implemented;
        for required in link_order(&others, |id| &libraries[id.idx()].re_exports) {
            if required != id && !requires.contains(&required) {
                requires.push(required);
            }
        }
        self.builder.library_mut(id).requires = requires;
    }

    /// The libraries whose units the modules of a stanza may name.
    pub(super) fn visible(&self, id: LibraryId, common: &Buildable) -> Vec<LibraryId> {
        let stdlib = self.installed.stdlib;
        let sees_all = match self.tree.projects[self.project_of(common)].implicit_transitive_deps {
            ImplicitTransitiveDeps::On => true,
            ImplicitTransitiveDeps::Off => false,
            ImplicitTransitiveDeps::OffIfHidden => {
                (self.variable)("ocaml_version").is_none_or(|version| !hides_directories(&version))
            }
        };
        let mut seen = visible(&self.builder, id, stdlib);
        if sees_all {
            return seen;
        }
        // Directories are on the `-I` path: what is installed in the same one as another library is seen with it.
        let project = &self.builder.project;
        let requires = &project.library(id).requires;
        let near = |library: LibraryId| match project.library(library).origin {
            LibraryOrigin::Installed | LibraryOrigin::Stdlib => Some(&project.library(library).dir),
            LibraryOrigin::Workspace | LibraryOrigin::Program => None,
        };
        let dirs: BTreeSet<_> =
            requires.iter().chain([&stdlib]).filter_map(|&library| near(library)).collect();
        seen.retain(|library| {
            [id, stdlib].contains(library)
                || requires.contains(library)
                || near(*library).is_some_and(|dir| dirs.contains(dir))
        });
        seen
    }

    /// The first choice of a `select` whose libraries are all there, with the file that it takes.
    pub(super) fn choose(
        &mut self,
        common: &Buildable,
        choices: &'a [(Vec<Word>, Vec<Word>, String)],
    ) -> Option<(&'a [Word], &'a str)> {
        let project = self.project_of(common);
        let mut is_there = |word: &Word| self.find(project, &word.text) != Found::Nowhere;
        let fits = choices.iter().find(|(needed, forbidden, _)| {
            needed.iter().all(&mut is_there) && !forbidden.iter().any(&mut is_there)
        });
        fits.map(|(needed, _, file)| (needed.as_slice(), file.as_str()))
    }

    pub(super) fn report_missing(&mut self, common: &Buildable, word: &Word) {
        if let Some(lacking) = self.optional_lacking(common, &word.text) {
            self.builder.report(lacking.at(&common.file, Some(word.at)));
            return;
        }
        if let Some((&(project, _), _)) = self.local.iter().find(|((_, name), _)| *name == word.text) {
            let message = format!(
                "library `{}` belongs to the project in `{}` alone",
                word.text,
                Path::new(".").join(&self.tree.projects[project].rel).display()
            );
            let problem = Problem::new(Severity::Error, Code::MissingLibrary, message);
            let help = "give it a `(public_name ..)`, and name it by that";
            self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
            return;
        }
        let known = self.installed.findlib.top_names();
        let names = known.iter().map(String::as_str).chain(self.public.keys().copied());
        let names: BTreeSet<&str> = names.chain(self.local.keys().map(|(_, name)| *name)).collect();
        let near = near_names(&word.text, names);
        let hint =
            if near.is_empty() { String::new() } else { format!("did you mean `{}`? ", near.join("`, `")) };
        let top = word.text.split('.').next().unwrap_or(&word.text);
        let message = format!("library `{}` is neither in the workspace nor installed", word.text);
        let help = format!(
            "{hint}Install it (`opam install {top}`, or your system's package of it), or say where it is with --ocamlpath"
        );
        let problem = Problem::new(Severity::Error, Code::MissingLibrary, message);
        self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
    }

    /// The problem with a library of the workspace that is not built, since it is optional and lacks something; none where that is
    /// not so.
    fn optional_lacking(&mut self, common: &Buildable, library: &str) -> Option<Problem> {
        let index = self.local.get(&(self.project_of(common), library)).or_else(|| self.public.get(library));
        let decl = self.library_decl(*index?);
        let project = self.project_of(&decl.common);
        let lacking = needed(&decl.common).find(|word| self.find(project, &word.text) == Found::Nowhere);
        let lacking = &lacking.filter(|_| decl.common.is_optional)?.text;
        let message = format!(
            "library `{library}` ({}, line {}) is optional, and `{lacking}`, which it requires, is not there",
            decl.common.file.display(),
            decl.common.at.line
        );
        let top = lacking.split('.').next().unwrap_or(lacking);
        let help = format!(
            "Install `{lacking}` (`opam install {top}`, or your system's package of it), or say where it is with --ocamlpath"
        );
        Some(Problem::new(Severity::Error, Code::MissingLibrary, message).help(help))
    }
}

/// The libraries and rewriters that a stanza cannot do without.
fn needed(common: &Buildable) -> impl Iterator<Item = &Word> {
    let libraries = common.dependencies.iter().filter_map(|dependency| match dependency {
        Dependency::Library(word) => Some(word),
        Dependency::Select { .. } => None,
    });
    libraries.chain(&common.rewriters)
}

/// Whether a version of the compiler has `-H`.
fn hides_directories(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let pair = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    pair >= (5, 2)
}
