//! A dune workspace as a project: names are looked up, modules become units, programs get their libraries.
//!
//! Phases: read the tree, read what stanzas declare, find out which optional libraries are there, give every library
//! an id, look up what each requires, name its units, then the programs. Each phase needs the one before it for all
//! libraries, which is why they do not run library by library.

use super::super::build::{Builder, Sources, UnitFlags};
use super::super::built::add_built_archive;
use super::super::files::{LoadError, LoadOptions};
use super::super::findlib::{Findlib, Predicates, near_names, search_path};
use super::super::installed::{Installed, link_order, visible};
use super::super::load;
use super::super::model::{Generated, LibraryOrigin, Program, Project, UnitSource};
use super::super::ocamlbuild::load_tree;
use super::declare::{Buildable, Declared, Dependency, LibraryDecl, ProgramsDecl, declared};
use super::lang::Word;
use super::modules::{DirModules, ModuleFile, ModuleFiles, dir_modules, stanza_modules};
use super::naming::{Layout, Wrapping, layout, main_module};
use super::tree::{Tree, find_root, read_tree, workspace_profile};
use crate::base::{Code, Idx, LibraryId, LineCol, Name, Place, Problem, Severity, UnitId, name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Loads the dune workspace that `path` lies in; of the programs, those at or under `path`. Packages that are asked for are
/// loaded beside it, whether something requires them or not. Where nothing of dune is there, what ocamlbuild builds.
///
/// # Errors
/// Fails when the path does not exist or nothing says what is built there. What is wrong inside is a problem of the project.
pub fn load_workspace(path: &Path, options: &LoadOptions) -> Result<Project, LoadError> {
    let full = load::absolute(path);
    if !load::is_dir(&full) {
        return Err(if full.exists() {
            LoadError::NoProject(path.into())
        } else {
            LoadError::NotFound(path.into())
        });
    }
    if let Err(error) = load::list_dir(&full) {
        return Err(LoadError::Unreadable { path: path.into(), reason: error.to_string() });
    }
    let has_dune = options.unsaved.is_file(&full.join("dune"));
    let root = find_root(&full).or_else(|| has_dune.then(|| full.clone()));
    let Some(root) = root else {
        return load_tree(&full, options).ok_or_else(|| LoadError::NoProject(path.into()));
    };
    let profile = match options.profile.as_str() {
        "dev" => workspace_profile(&root, &options.unsaved).unwrap_or_else(|| "dev".into()),
        other => other.to_string(),
    };
    let tree = read_tree(&root, &profile, &options.unsaved);
    let search = search_path(options.ocamlpath.as_deref(), &root, &options.environment);
    let version = search.stdlib_dir.as_deref().and_then(ocaml_version);
    let variable = |variable: &str| variable_value(variable, &profile, version.as_deref());
    let declared = declared(&tree, &root, &variable);
    let mut builder = Builder::new(root.clone());
    builder.project.problems.extend(tree.problems.iter().cloned());
    for doubt in &declared.doubts {
        let problem = Problem::new(Severity::Note, Code::Unsupported, doubt.message.clone());
        let help = "the analysis may show more than this machine builds";
        builder.report(problem.at(&doubt.place.file, doubt.place.at).help(help));
    }
    let installed = Installed::new(
        &mut builder,
        Findlib::new(search, true, &options.unsaved),
        Predicates::new(&["native", "mt", "mt_posix", "ppx_driver"]),
    );
    let mut loader = Loader::new(&root, &tree, &declared, builder, installed);
    loader.add_libraries();
    let only = full.strip_prefix(&root).unwrap_or(Path::new("")).to_path_buf();
    loader.add_programs(&only);
    loader.fill_root_modules();
    loader.implement_virtual_libraries();
    let found = loader.installed.load(&mut loader.builder, &options.packages);
    for (package, _) in options.packages.iter().zip(found).filter(|(_, found)| found.is_none()) {
        loader.installed.report_missing(&mut loader.builder, package, None, None);
    }
    loader.report_pending();
    Ok(loader.builder.finish())
}

/// The compiler's version: from the file for that, or from the header of its runtime where that is left out.
fn ocaml_version(stdlib_dir: &Path) -> Option<String> {
    let read = |file: &str| {
        let bytes = load::read_bytes(&stdlib_dir.join(file), load::BUILD_FILE_LIMIT).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let from_header = || {
        let text = read("caml/version.h")?;
        let line = text.lines().find_map(|line| line.strip_prefix("#define OCAML_VERSION_STRING "))?;
        Some(line.trim().trim_matches('"').to_string())
    };
    let from_file = read("VERSION").and_then(|text| Some(text.lines().next()?.trim().to_string()));
    from_file.or_else(from_header)
}

/// The values of the variables that conditions use: a native build on 64-bit Linux.
fn variable_value(variable: &str, profile: &str, version: Option<&str>) -> Option<String> {
    Some(match variable {
        "profile" => profile.into(),
        "context_name" => "default".into(),
        "os_type" | "ocaml-config:os_type" => "Unix".into(),
        "system" | "ocaml-config:system" => "linux".into(),
        "architecture" | "ocaml-config:architecture" => "amd64".into(),
        "model" | "ocaml-config:model" => "default".into(),
        "arch_sixtyfour" => "true".into(),
        "ocaml-config:word_size" => "64".into(),
        "ccomp_type" | "ocaml-config:ccomp_type" => "cc".into(),
        "ocaml_version" | "ocaml-config:version" => version?.into(),
        // dune takes these from the environment that it runs in.
        _ => {
            let (name, default) = variable.strip_prefix("env:")?.split_once('=')?;
            std::env::var(name).unwrap_or_else(|_| default.to_string())
        }
    })
}

/// What a name in `libraries` means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Found {
    /// A library of the workspace, by its position.
    Local(usize),
    /// A package that is installed.
    Installed,
    /// Nothing.
    Nowhere,
}

struct Loader<'a> {
    root: &'a Path,
    tree: &'a Tree,
    declared: &'a Declared,
    builder: Builder,
    installed: Installed,
    /// Libraries by public name.
    public: BTreeMap<&'a str, usize>,
    /// Libraries by project and local name.
    local: BTreeMap<(usize, &'a str), usize>,
    renamed: BTreeMap<&'a str, &'a str>,
    /// Whether each library can be built.
    available: Vec<bool>,
    /// The id of each library that can.
    ids: Vec<Option<LibraryId>>,
    dir_modules: BTreeMap<usize, DirModules>,
    /// The module names of each library, to name those of implementations by.
    modules: BTreeMap<usize, Vec<String>>,
    /// Stanzas by the module that they take, per directory.
    owners: BTreeMap<(usize, String), Place>,
    /// The units of `root_module`.
    root_modules: Vec<UnitId>,
    /// Generated files that are not there: by stanza, what they are made from and the modules.
    missing: BTreeMap<(PathBuf, LineCol), BTreeMap<PathBuf, Vec<String>>>,
}

impl<'a> Loader<'a> {
    fn new(
        root: &'a Path,
        tree: &'a Tree,
        declared: &'a Declared,
        builder: Builder,
        installed: Installed,
    ) -> Self {
        let n_libraries = declared.libraries.len();
        Loader {
            root,
            tree,
            declared,
            builder,
            installed,
            public: BTreeMap::new(),
            local: BTreeMap::new(),
            renamed: declared.renamed.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect(),
            available: vec![true; n_libraries],
            ids: vec![None; n_libraries],
            dir_modules: BTreeMap::new(),
            modules: BTreeMap::new(),
            owners: BTreeMap::new(),
            root_modules: Vec::new(),
            missing: BTreeMap::new(),
        }
    }
    fn library_decl(&self, index: usize) -> &'a LibraryDecl {
        &self.declared.libraries[index]
    }
    fn project_of(&self, common: &Buildable) -> usize {
        self.tree.dirs[common.dir].project
    }
    fn add_libraries(&mut self) {
        self.index_names();
        self.drop_unavailable();
        for index in 0..self.declared.libraries.len() {
            if self.available[index] {
                let decl = self.library_decl(index);
                let title = decl.public_name.as_ref().unwrap_or(&decl.name);
                let dir = self.tree.dirs[decl.common.dir].path.clone();
                self.ids[index] = Some(self.builder.library(title, LibraryOrigin::Workspace, dir));
            }
        }
        for index in 0..self.declared.libraries.len() {
            let Some(id) = self.ids[index] else { continue };
            let decl = self.library_decl(index);
            let implements = decl.implements.as_ref().map(|word| self.require(&decl.common, word));
            let mut requires: Vec<LibraryId> = implements.flatten().into_iter().collect();
            requires.extend(self.requires(&decl.common));
            requires.retain(|&required| required != id);
            let library = self.builder.library_mut(id);
            library.requires = requires;
            library.rewriters = rewriter_names(&decl.common);
            library.linkall = decl.common.linkall.is_some();
            library.linkall_place = decl.common.linkall.clone();
        }
        self.report_cycles();
        for id in self.ids.iter().flatten() {
            self.builder.library_mut(*id).visible = visible(&self.builder, *id, self.installed.stdlib);
        }
        // Virtual libraries first: implementations take their names.
        let (implementing, others): (Vec<_>, Vec<_>) = (0..self.declared.libraries.len())
            .filter(|&index| self.ids[index].is_some())
            .partition(|&index| self.library_decl(index).implements.is_some());
        for index in others.into_iter().chain(implementing) {
            self.add_library_units(index);
        }
    }
    fn index_names(&mut self) {
        for (index, decl) in self.declared.libraries.iter().enumerate() {
            let local = (self.project_of(&decl.common), decl.name.as_str());
            let first = self.local.get(&local).copied();
            let first =
                first.or_else(|| decl.public_name.as_deref().and_then(|name| self.public.get(name).copied()));
            if let Some(first) = first {
                let first = &self.declared.libraries[first].common;
                let message = format!(
                    "library `{}` is declared twice: also in {}, line {}",
                    decl.public_name.as_ref().unwrap_or(&decl.name),
                    first.file.display(),
                    first.at.line
                );
                let problem = Problem::new(Severity::Error, Code::Duplicate, message);
                let help = "the first one is used; rename one, or leave its directory out with `(dirs ..)`";
                self.builder.report(problem.at(&decl.common.file, Some(decl.common.at)).help(help));
                self.available[index] = false;
                continue;
            }
            self.local.insert(local, index);
            if let Some(public) = &decl.public_name {
                self.public.insert(public, index);
            }
        }
    }
    /// Finds out which optional libraries lack something, and what that takes away from others in turn.
    fn drop_unavailable(&mut self) {
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
    fn has_all(&mut self, common: &'a Buildable) -> bool {
        let project = self.project_of(common);
        let libraries = common.dependencies.iter().filter_map(|dependency| match dependency {
            Dependency::Library(word) => Some(word),
            Dependency::Select { .. } => None,
        });
        libraries.chain(&common.rewriters).all(|word| self.find(project, &word.text) != Found::Nowhere)
    }
    /// Looks a library's name up: in the project, then among public names, then among what is installed.
    fn find(&mut self, project: usize, library: &str) -> Found {
        let library = self.renamed.get(library).copied().unwrap_or(library);
        let index = self.local.get(&(project, library)).or_else(|| self.public.get(library)).copied();
        match index.filter(|&index| self.available[index]) {
            Some(index) => Found::Local(index),
            None if self.installed.findlib.package(library).is_some() => Found::Installed,
            None => Found::Nowhere,
        }
    }
    /// The library of a name; one that is nowhere is reported.
    fn require(&mut self, common: &Buildable, word: &Word) -> Option<LibraryId> {
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
    fn report_missing(&mut self, common: &Buildable, word: &Word) {
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
    /// What `libraries` and the rewriters' runtime ask for, in order, each once.
    fn requires(&mut self, common: &'a Buildable) -> Vec<LibraryId> {
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
    /// The first choice of a `select` whose libraries are all there, with the file that it takes.
    fn choose(
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
    /// The libraries that code rewritten by `word` needs: those that the rewriter and all that it requires declare.
    fn rewriter_runtime(&mut self, common: &Buildable, word: &Word) -> Vec<LibraryId> {
        let mut runtime: Vec<(Option<usize>, String)> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo = vec![(self.project_of(common), word.text.clone())];
        while let Some((project, library)) = todo.pop() {
            match self.find(project, &library) {
                Found::Nowhere => self.report_missing_rewriter(common, word, &library),
                Found::Local(index) if seen.insert(format!("local {index}")) => {
                    let decl = self.library_decl(index);
                    let inner = self.project_of(&decl.common);
                    runtime.extend(decl.ppx_runtime.iter().map(|word| (Some(inner), word.text.clone())));
                    let libraries =
                        decl.common.dependencies.iter().filter_map(|dependency| match dependency {
                            Dependency::Library(word) => Some((inner, word.text.clone())),
                            Dependency::Select { .. } => None,
                        });
                    todo.extend(libraries.collect::<Vec<_>>().into_iter().rev());
                }
                Found::Installed if seen.insert(library.clone()) => {
                    let predicates = self.installed.predicates.clone();
                    let closure = self.installed.findlib.closure(&[library], &predicates);
                    for package in closure.packages.iter().rev() {
                        seen.insert(package.name.clone());
                        let deps = match &package.dune {
                            Some(dune) => dune.ppx_runtime_deps.clone(),
                            None => super::super::meta::words(
                                &package.variable("ppx_runtime_deps", &predicates).unwrap_or_default(),
                            )
                            .map(str::to_string)
                            .collect(),
                        };
                        runtime.extend(deps.into_iter().map(|name| (None, name)));
                    }
                }
                _ => {}
            }
        }
        let mut ids = Vec::new();
        for (project, library) in runtime {
            let text = library;
            let common_project = project.unwrap_or(usize::MAX);
            match self.find(common_project, &text) {
                Found::Local(index) => ids.extend(self.ids[index]),
                Found::Installed => {
                    ids.extend(self.installed.load(&mut self.builder, &[text]).into_iter().flatten())
                }
                Found::Nowhere => self.report_missing(common, &Word { text, at: word.at }),
            }
        }
        ids
    }
    fn report_missing_rewriter(&mut self, common: &Buildable, word: &Word, library: &str) {
        let message = if library == word.text {
            format!("rewriter `{library}` is neither in the workspace nor installed")
        } else {
            format!(
                "`{library}`, which the rewriter `{}` requires, is neither in the workspace nor installed",
                word.text
            )
        };
        // The sources are read before rewriting, so the analysis goes on without it.
        let problem = Problem::new(Severity::Warning, Code::MissingLibrary, message);
        let help = "what it adds is taken from the table of known rewriters; the libraries that rewritten code needs may be missing";
        self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
    }
    fn report_cycles(&mut self) {
        let mut done: BTreeSet<LibraryId> = BTreeSet::new();
        for &start in self.ids.iter().flatten() {
            let mut stack: Vec<(LibraryId, usize)> = vec![(start, 0)];
            let mut on_stack = BTreeSet::from([start]);
            if done.contains(&start) {
                continue;
            }
            while let Some((id, next)) = stack.last_mut() {
                let id = *id;
                match self.builder.project.library(id).requires.get(*next).copied() {
                    Some(required) => {
                        *next += 1;
                        if on_stack.contains(&required) {
                            let members = stack.iter().map(|(id, _)| *id).skip_while(|&id| id != required);
                            let names =
                                members.map(|id| format!("`{}`", self.builder.project.library(id).name));
                            let chain = names.collect::<Vec<_>>().join(" requires ");
                            let first = self.builder.project.library(required).name;
                            let message = format!("libraries require each other: {chain} requires `{first}`");
                            let problem = Problem::new(Severity::Error, Code::Cycle, message);
                            let place = self.place_of(required);
                            let help =
                                "dune refuses to build this; take one of the names out of `(libraries ..)`";
                            self.builder.report(problem.at(place.file, place.at).help(help));
                        } else if !done.contains(&required) {
                            on_stack.insert(required);
                            stack.push((required, 0));
                        }
                    }
                    None => {
                        done.insert(id);
                        on_stack.remove(&id);
                        stack.pop();
                    }
                }
            }
        }
    }
    fn place_of(&self, id: LibraryId) -> Place {
        let index = self.ids.iter().position(|&other| other == Some(id));
        match index.map(|index| &self.declared.libraries[index].common) {
            Some(common) => Place { file: common.file.clone(), at: Some(common.at) },
            None => Place { file: self.builder.project.library(id).dir.clone(), at: None },
        }
    }
    /// The modules of a stanza: names, and the files of each; `select` makes some more.
    fn stanza_modules(&mut self, common: &'a Buildable) -> (Vec<String>, BTreeMap<String, ModuleFiles>) {
        let (tree, root) = (self.tree, self.root);
        let mut all =
            self.dir_modules.entry(common.dir).or_insert_with(|| dir_modules(tree, root, common.dir)).clone();
        for (module, path) in std::mem::take(&mut all.duplicates) {
            let message = format!("two files make the module `{module}`");
            let problem = Problem::new(Severity::Error, Code::Duplicate, message);
            let shown = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
            self.builder.report(problem.at(shown, None).help("the other one is used; rename one"));
        }
        for dependency in &common.dependencies {
            if let Dependency::Select { target, choices } = dependency
                && let Some((_, file)) = self.choose(common, choices)
                && let Some((stem, extension)) = target.split_once('.')
            {
                let path = load::normal(&tree.dirs[common.dir].path.join(file));
                let module = all.modules.entry(super::super::dune_package::capitalise(stem)).or_default();
                let from = root.join(&common.file);
                let chosen = if load::is_file(&path) {
                    ModuleFile::There { path, from: None }
                } else {
                    ModuleFile::Missing { from }
                };
                match extension {
                    "ml" => module.implementation = Some(chosen),
                    "mli" => module.interface = Some(chosen),
                    _ => {}
                }
            }
        }
        let (names, missing) = stanza_modules(common.modules.as_deref(), &all);
        for word in missing {
            let message = format!("module `{}` has no file", word.text);
            let problem = Problem::new(Severity::Error, Code::MissingModule, message);
            let help = "add the file, or take the name out of `(modules ..)`; if a rule makes it, the rule was not understood";
            self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
        }
        for module in &names {
            let place = Place { file: common.file.clone(), at: Some(common.at) };
            if let Some(first) = self.owners.insert((common.dir, module.clone()), place.clone())
                && first != place
            {
                let message = format!("module `{module}` belongs to two stanzas of this directory");
                let problem = Problem::new(Severity::Error, Code::Duplicate, message);
                let help = "say which has it with `(modules ..)` in both";
                self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
            }
        }
        if common.has_preprocess_action {
            let message = "these modules are preprocessed by a program of the project's own".to_string();
            let problem = Problem::new(Severity::Note, Code::Unsupported, message);
            let help = "their sources are read as they are written";
            self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
        }
        let files = names.iter().map(|module| (module.clone(), all.modules[module].clone())).collect();
        (names, files)
    }
    /// The version of dune that builds: the one that is installed, or what the project's language asks for where that is
    /// newer; the newest where nothing tells.
    fn dune_version(&mut self, common: &Buildable) -> (u32, u32) {
        let packages = ["dune", "dune.configurator", "dune-configurator"];
        let text = packages.into_iter().find_map(|package| {
            let package = self.installed.findlib.package(package)?;
            package.variable("version", &self.installed.predicates)
        });
        let parts = |text: String| {
            let mut numbers = text.split('.').map(|part| part.parse().ok());
            Some((numbers.next()??, numbers.next()??))
        };
        let lang = self.tree.projects[self.project_of(common)].lang;
        text.and_then(parts).map_or((u32::MAX, 0), |installed| lang.max(installed))
    }
    fn wrapping(&mut self, index: usize) -> Wrapping {
        let decl = self.library_decl(index);
        let implemented =
            decl.implements.as_ref().map(|word| self.find(self.project_of(&decl.common), &word.text));
        match implemented {
            Some(Found::Local(of)) => {
                let of_decl = self.library_decl(of);
                let modules = self.modules.get(&of).cloned().unwrap_or_default();
                match of_decl.wrapped {
                    Some(false) => Wrapping::None,
                    _ => Wrapping::Implementation {
                        main: main_module(&of_decl.name),
                        library: decl.name.clone(),
                        modules: modules.into_iter().collect(),
                        is_since_3_7: self.dune_version(&decl.common) >= (3, 7),
                    },
                }
            }
            _ if decl.wrapped == Some(false) => Wrapping::None,
            _ => Wrapping::Library(main_module(&decl.name)),
        }
    }
    fn add_library_units(&mut self, index: usize) {
        let (Some(id), decl) = (self.ids[index], self.library_decl(index)) else { return };
        let (mut names, mut files) = self.stanza_modules(&decl.common);
        for module in decl.virtual_modules.iter().flatten().filter_map(super::super::sexp::Sexp::atom) {
            // Its implementation, if a file of that name lies about, is another library's.
            let module = super::super::dune_package::capitalise(module);
            if let Some(files) = files.get_mut(&module) {
                files.implementation = None;
            } else if let Some(known) = self.dir_modules[&decl.common.dir].modules.get(&module) {
                files.insert(module.clone(), ModuleFiles { implementation: None, ..known.clone() });
                names.push(module);
            }
        }
        names.sort();
        self.modules.insert(index, names.clone());
        let wrapping = self.wrapping(index);
        self.builder.library_mut(id).is_wrapped = !matches!(wrapping, Wrapping::None);
        names.extend(decl.common.root_module.clone());
        let layout = layout(&names, &wrapping);
        let units = self.add_units(id, &decl.common, &layout, &files);
        if decl.is_transition {
            self.add_plain_names(id, &decl.common, &layout, &units);
        }
        self.add_built_archive(id, decl, &files);
    }
    /// Adds the alias modules and a unit for each module; gives the units by module.
    fn add_units(
        &mut self,
        id: LibraryId,
        common: &Buildable,
        layout: &Layout,
        files: &BTreeMap<String, ModuleFiles>,
    ) -> BTreeMap<String, UnitId> {
        for (unit, entries) in &layout.aliases {
            let aliases = entries.iter().map(|(module, unit)| (name(module), name(unit))).collect();
            let flags =
                UnitFlags { opens: Vec::new(), no_alias_deps: true, opens_stdlib: false, noassert: false };
            self.builder.add_unit(id, name(unit), UnitSource::Generated(Generated { aliases }), flags);
        }
        let mut units = BTreeMap::new();
        for (module, unit) in &layout.units {
            let Some(files) = files.get(module) else {
                units.insert(module.clone(), self.add_root_module(id, unit));
                continue;
            };
            let opens = common.opens.iter().chain(&layout.opens[module]).map(|open| name(open)).collect();
            let flags = UnitFlags {
                opens,
                no_alias_deps: true,
                opens_stdlib: !common.nopervasives,
                noassert: common.noassert,
            };
            let [ml, mli] = [&files.implementation, &files.interface];
            let path =
                |file: &Option<ModuleFile>| file.as_ref().and_then(ModuleFile::path).map(Path::to_path_buf);
            for missing in [ml, mli].into_iter().flatten().filter(|file| file.path().is_none()) {
                let from = missing.from().unwrap_or(Path::new("")).to_path_buf();
                let by_source = self.missing.entry((common.file.clone(), common.at)).or_default();
                let modules = by_source.entry(from).or_default();
                if !modules.contains(module) {
                    modules.push(module.clone());
                }
            }
            let is_known = path(ml).is_some() || (ml.is_none() && path(mli).is_some());
            let added = if is_known {
                let sources = Sources { implementation: path(ml), interface: path(mli) };
                self.builder.unit(id, name(unit), sources, flags)
            } else {
                self.builder.opaque_unit(id, name(unit), path(mli), flags)
            };
            let from = [ml, mli].into_iter().flatten().find_map(ModuleFile::from).map(Path::to_path_buf);
            self.builder.unit_mut(added).generated_from = from;
            units.insert(module.clone(), added);
        }
        units
    }
    /// Adds the module that `root_module` asks for; what it says is known when all libraries have their units.
    fn add_root_module(&mut self, id: LibraryId, unit: &str) -> UnitId {
        let source = UnitSource::Generated(Generated::default());
        let flags =
            UnitFlags { opens: Vec::new(), no_alias_deps: true, opens_stdlib: false, noassert: false };
        let added = self.builder.add_unit(id, name(unit), source, flags);
        // Unlike the module that wraps a program's own, it is linked where something names it.
        self.builder.unit_mut(added).recorded = Some(Vec::new());
        self.root_modules.push(added);
        added
    }
    /// Gives each root module an alias for each module that the libraries export.
    fn fill_root_modules(&mut self) {
        for root in std::mem::take(&mut self.root_modules) {
            let project = &self.builder.project;
            let (id, stdlib) = (project.unit(root).library, self.installed.stdlib);
            let libraries =
                project.library(id).visible.iter().filter(|&&other| other != id && other != stdlib);
            let units = libraries.flat_map(|&library| &project.library(library).units);
            let exported = units.map(|&unit| project.unit(unit));
            let exported = exported.filter(|unit| !unit.is_private && !unit.name.contains("__"));
            let mut aliases: Vec<(Name, Name)> = exported.map(|unit| (unit.name, unit.name)).collect();
            aliases.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
            aliases.dedup();
            self.builder.unit_mut(root).source = UnitSource::Generated(Generated { aliases });
        }
    }
    /// `(wrapped (transition ..))`: for each module `X`, dune makes a unit `X` that is `include Lib__X`.
    fn add_plain_names(
        &mut self,
        id: LibraryId,
        common: &Buildable,
        layout: &Layout,
        units: &BTreeMap<String, UnitId>,
    ) {
        let built =
            self.root.join("_build/default").join(&self.tree.dirs[common.dir].rel).join(".wrapped_compat");
        for (module, unit) in &layout.units {
            if unit == module {
                continue;
            }
            let flags =
                UnitFlags { opens: Vec::new(), no_alias_deps: true, opens_stdlib: true, noassert: false };
            let file = built.join(format!("{module}.ml-gen"));
            let plain = if load::is_file(&file) {
                let sources = Sources { implementation: Some(file), interface: None };
                self.builder.unit(id, name(module), sources, flags)
            } else {
                // Links as it should; names inside it are looked up where they really are.
                let plain = self.builder.opaque_unit(id, name(module), None, flags);
                self.builder.unit_mut(plain).recorded = Some(vec![name(unit)]);
                plain
            };
            let real = units.get(module).and_then(|&unit| self.builder.project.unit(unit).implementation());
            let path = real.map(|file| self.builder.project.file(file).path.clone());
            self.builder.unit_mut(plain).generated_from = path;
        }
    }
    /// Lets the names of a virtual library's modules mean the implementation's units, once for the whole project.
    ///
    /// The implementation is the one that the first program links; other implementations are reported where a program
    /// links one.
    fn implement_virtual_libraries(&mut self) {
        let mut chosen: BTreeMap<usize, LibraryId> = BTreeMap::new();
        let linked: Vec<_> =
            self.builder.project.programs.iter().map(|program| program.libraries.clone()).collect();
        let linked = linked.into_iter().flatten().chain(self.ids.clone().into_iter().flatten());
        for (at, id) in linked.enumerate() {
            let Some(index) = self.ids.iter().position(|&other| other == Some(id)) else { continue };
            let decl = self.library_decl(index);
            let Some(word) = &decl.implements else { continue };
            let Found::Local(of) = self.find(self.project_of(&decl.common), &word.text) else { continue };
            let first = *chosen.entry(of).or_insert(id);
            let n_linked: usize =
                self.builder.project.programs.iter().map(|program| program.libraries.len()).sum();
            if first == id {
                self.implement(of, id);
            } else if at < n_linked {
                let place = self.place_of(id);
                let used = self.builder.project.library(first).name;
                let message = format!("`{}` implements the same virtual library as `{used}`", decl.name);
                let problem = Problem::new(Severity::Warning, Code::Unsupported, message);
                let help = format!(
                    "references to its virtual modules are read as those of `{used}` in all programs"
                );
                self.builder.report(problem.at(place.file, place.at).help(help));
            }
        }
    }
    fn implement(&mut self, of: usize, id: LibraryId) {
        let Some(of_id) = self.ids[of] else { return };
        let project = &self.builder.project;
        let by_name = &project.library(of_id).unit_by_name;
        let mut taken: Vec<(Name, UnitId, UnitId)> = Vec::new();
        for &own in &project.library(id).units {
            let unit = project.unit(own).name;
            taken.extend(by_name.get(&unit).filter(|&&named| named != own).map(|&named| (unit, named, own)));
        }
        for (unit, named, own) in taken {
            let interface = self.builder.project.unit(named).interface();
            let path = interface.map(|file| self.builder.project.file(file).path.clone());
            self.builder.set_interface(own, path);
            self.builder.library_mut(of_id).unit_by_name.insert(unit, own);
        }
    }
    /// Takes order, flags and bytes from the archive that the build left, where it is newer than the sources.
    fn add_built_archive(
        &mut self,
        id: LibraryId,
        decl: &LibraryDecl,
        files: &BTreeMap<String, ModuleFiles>,
    ) {
        let dir = self.root.join("_build/default").join(&self.tree.dirs[decl.common.dir].rel);
        let cmxa = dir.join(format!("{}.cmxa", decl.name));
        if !load::is_file(&cmxa) {
            return;
        }
        let sources = files.values().flat_map(|files| [&files.implementation, &files.interface]).flatten();
        let sources = sources.filter_map(ModuleFile::path);
        add_built_archive(&mut self.builder, id, cmxa, sources, decl.implements.is_some());
    }
    fn add_programs(&mut self, only: &Path) {
        let declared = self.declared;
        // The programs and tests of what is vendored are built on request alone.
        let vendored = self.tree.vendored_dirs();
        for decl in &declared.programs {
            let rel = &self.tree.dirs[decl.common.dir].rel;
            if vendored.iter().any(|dir| rel.starts_with(dir) && !only.starts_with(dir)) {
                continue;
            }
            if rel.starts_with(only) && (!decl.common.is_optional || self.has_all(&decl.common)) {
                self.add_program(decl);
            }
        }
    }
    fn add_program(&mut self, decl: &'a ProgramsDecl) {
        let common = &decl.common;
        let dir = &self.tree.dirs[common.dir];
        let title = |word: &Word| {
            let path = dir.rel.join(&word.text);
            path.components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join("/")
        };
        let Some(first) = decl.names.first() else {
            let problem = Problem::new(Severity::Error, Code::BrokenBuildFile, "this stanza has no name");
            self.builder.report(
                problem.at(&common.file, Some(common.at)).help("it was passed over; add `(name ..)`"),
            );
            return;
        };
        let requires = self.requires(common);
        let own = self.builder.library(&title(first), LibraryOrigin::Program, dir.path.clone());
        let library = self.builder.library_mut(own);
        library.requires = requires;
        library.rewriters = rewriter_names(common);
        self.builder.library_mut(own).visible = visible(&self.builder, own, self.installed.stdlib);
        let (mut names, files) = self.stanza_modules(common);
        names.extend(common.root_module.clone());
        let is_wrapped = self.tree.projects[dir.project].wrapped_executables;
        let layout = layout(&names, &if is_wrapped { Wrapping::Executables } else { Wrapping::None });
        let units = self.add_units(own, common, &layout, &files);
        let (libraries, dynload) = self.linked_libraries(own, common);
        for word in &decl.names {
            let module = super::super::dune_package::capitalise(&word.text);
            let Some(&main) = units.get(&module) else {
                let message = format!("the main module `{module}` has no file");
                let problem = Problem::new(Severity::Error, Code::MissingModule, message);
                let help = format!("add `{}.ml`, or correct the name", word.text);
                self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
                continue;
            };
            let project = &self.builder.project;
            let aliases = layout
                .aliases
                .iter()
                .filter_map(|(unit, _)| project.library(own).unit_by_name.get(&name(unit)));
            let own_units: Vec<UnitId> = aliases.copied().chain([main]).collect();
            self.note_objects(own, &dir.rel, &first.text);
            let linkall_place = common.linkall.clone().or_else(|| dynload.clone());
            self.builder.project.programs.push(Program {
                name: title(word),
                own,
                own_units,
                libraries: libraries.clone(),
                linkall: linkall_place.is_some(),
                linkall_place,
            });
        }
    }
    /// Notes what the build has left of a program's own modules.
    fn note_objects(&mut self, own: LibraryId, dir: &Path, stanza: &str) {
        let built = self.root.join("_build/default").join(dir).join(format!(".{stanza}.eobjs/native"));
        if !load::is_dir(&built) {
            return;
        }
        for unit in self.builder.project.library(own).units.clone() {
            let unit_name = self.builder.project.unit(unit).name;
            let mut letters = unit_name.chars();
            let first = letters.next().map_or(String::new(), |first| first.to_lowercase().to_string());
            self.builder.note_object(unit, built.join(format!("{first}{}.o", letters.as_str())));
        }
    }
    /// The libraries on a program's command line, implementations of virtual ones included; and the place that asks
    /// for all units where `findlib.dynload` is among them (dune links those programs with `-linkall`).
    fn linked_libraries(&mut self, own: LibraryId, common: &Buildable) -> (Vec<LibraryId>, Option<Place>) {
        let mut roots = self.builder.project.library(own).requires.clone();
        loop {
            let libraries = &self.builder.project.libraries;
            let order = link_order(&roots, |id| &libraries[id.idx()].requires);
            let Some(implementation) = self.lacking_implementation(&order) else {
                let libraries = &self.builder.project.libraries;
                let has_dynload =
                    order.iter().any(|id| libraries[id.idx()].name.as_str() == "findlib.dynload");
                let place = has_dynload.then(|| Place { file: common.file.clone(), at: Some(common.at) });
                return (self.with_stdlib(order), place);
            };
            match implementation {
                Ok(id) => roots.push(id),
                Err(library) => {
                    let message = format!("no implementation of the virtual library `{library}` is linked");
                    let problem = Problem::new(Severity::Error, Code::MissingLibrary, message);
                    let help = "add one to `(libraries ..)`, or give it a `(default_implementation ..)`";
                    self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
                    return (self.with_stdlib(order), None);
                }
            }
        }
    }
    fn with_stdlib(&self, order: Vec<LibraryId>) -> Vec<LibraryId> {
        let stdlib = self.installed.stdlib;
        [stdlib].into_iter().chain(order.into_iter().filter(|&id| id != stdlib)).collect()
    }
    /// For the first virtual library that no other library here implements: its default implementation, or its name.
    fn lacking_implementation(&mut self, order: &[LibraryId]) -> Option<Result<LibraryId, String>> {
        let indices: Vec<usize> =
            (0..self.ids.len()).filter(|&i| self.ids[i].is_some_and(|id| order.contains(&id))).collect();
        let mut implemented = BTreeSet::new();
        for &index in &indices {
            let decl = self.library_decl(index);
            if let Some(word) = &decl.implements
                && let Found::Local(of) = self.find(self.project_of(&decl.common), &word.text)
            {
                implemented.insert(of);
            }
        }
        for index in indices {
            let decl = self.library_decl(index);
            if decl.virtual_modules.is_none() || implemented.contains(&index) {
                continue;
            }
            let default = decl.default_implementation.as_ref();
            let default =
                default.and_then(|word| self.require(&decl.common, word)).filter(|id| !order.contains(id));
            return Some(default.ok_or_else(|| decl.name.clone()));
        }
        None
    }
    /// Reports the generated files that are not there, once per stanza and source.
    fn report_pending(&mut self) {
        for ((file, at), by_source) in std::mem::take(&mut self.missing) {
            for (from, modules) in by_source {
                let shown = from.strip_prefix(self.root).unwrap_or(&from);
                let names = modules.join("`, `");
                let message = format!(
                    "`{names}` is generated from {}, and the build has not made it yet",
                    shown.display()
                );
                let problem = Problem::new(Severity::Warning, Code::Generated, message);
                let help = "what it refers to is unknown; build once with `dune build`, then run again";
                self.builder.report(problem.at(&file, Some(at)).help(help));
            }
        }
    }
}

fn rewriter_names(common: &Buildable) -> Vec<Name> {
    common.rewriters.iter().map(|word| name(&word.text)).collect()
}
