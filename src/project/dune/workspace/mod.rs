//! A dune workspace as a project: names are looked up, modules become units, programs get their libraries.
//!
//! Phases: read the tree, read what stanzas declare, find out which optional libraries are there, give every library
//! an id, look up what each requires, name its units, then the programs. Each phase needs the one before it for all
//! libraries, which is why they do not run library by library.
//!
//! * `names`: what a name in `libraries` means; `rewriters`: what rewritten code needs; `variables`: what conditions read;
//! * `libraries`, `programs`: one of each for what the stanzas declare; `virtual_libraries`: which implementations these link;
//! * `modules`: the modules of a stanza; `units`: a unit for each, and those that dune makes.

mod libraries;
mod modules;
mod names;
mod programs;
mod rewriters;
mod units;
mod variables;
mod virtual_libraries;

use super::declare::{Buildable, Declared, LibraryDecl, declared};
use super::modules::DirModules;
use super::tree::{Tree, find_root, located, read_tree, workspace_profile};
use crate::base::{Code, LibraryId, LineCol, Name, Place, Problem, Severity, UnitId, name};
use crate::project::build::Builder;
use crate::project::findlib::{Findlib, Predicates, search_path};
use crate::project::installed::Installed;
use crate::project::load;
use crate::project::model::Project;
use crate::project::ocamlbuild::load_tree;
use crate::project::options::{LoadError, LoadOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use variables::{ocaml_version, variable_value};

/// Loads the dune workspace that `path` lies in; of the programs, those at or under `path`. Packages that are asked for are
/// loaded beside it, whether something requires them or not. Where nothing of dune is there, what ocamlbuild builds.
///
/// # Errors
/// Fails when the path does not exist or nothing says what is built there. What is wrong inside is a problem of the project.
pub fn load_workspace(path: &Path, options: &LoadOptions) -> Result<Project, LoadError> {
    let full = located(path);
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
    let mut tree = read_tree(&root, &profile, &options.unsaved);
    let search = search_path(options.ocamlpath.as_deref(), &root, &options.environment);
    let version = search.stdlib_dir.as_deref().and_then(ocaml_version);
    let variable = |variable: &str| variable_value(variable, &profile, version.as_deref());
    tree.drop_disabled_rules(&root, &variable);
    let declared = declared(&tree, &root, &variable);
    let mut builder = Builder::new(root.clone());
    builder.project.problems.extend(tree.problems.iter().cloned());
    builder.project.included.clone_from(&tree.included);
    builder.project.is_opaque = profile == "dev";
    let installed = Installed::new(
        &mut builder,
        Findlib::new(search, true, &options.unsaved),
        Predicates::new(&["native", "mt", "mt_posix", "ppx_driver"]),
    );
    let mut loader = Loader::new(&root, &tree, &declared, &variable, builder, installed);
    loader.add_libraries();
    let only = full.strip_prefix(&root).unwrap_or(Path::new("")).to_path_buf();
    loader.add_programs(&only);
    loader.fill_root_modules();
    let found = loader.installed.load(&mut loader.builder, &options.packages);
    for (package, _) in options.packages.iter().zip(found).filter(|(_, found)| found.is_none()) {
        loader.installed.report_missing(&mut loader.builder, package, None, None);
    }
    loader.report_pending();
    Ok(loader.builder.finish())
}

/// Modules by what they are made from, and whether that is read for them.
type Pending = BTreeMap<(PathBuf, bool), Vec<String>>;

struct Loader<'a> {
    root: &'a Path,
    tree: &'a Tree,
    declared: &'a Declared,
    /// The values that conditions depend on.
    variable: &'a dyn Fn(&str) -> Option<String>,
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
    /// Those of each directory that stanzas have asked for so far.
    dir_modules: BTreeMap<usize, Rc<DirModules>>,
    /// The module names of each library, to name those of implementations by.
    modules: BTreeMap<usize, Vec<String>>,
    /// The rules that do not apply, by directory and place there.
    off: BTreeSet<(usize, usize)>,
    /// Stanzas by the module that they take, per directory, and whether they are libraries.
    owners: BTreeMap<(usize, String), (Place, bool)>,
    /// The units of `root_module`.
    root_modules: Vec<UnitId>,
    /// The library, or what holds the modules of a program, that each stanza makes.
    made: BTreeMap<(PathBuf, LineCol), LibraryId>,
    /// Generated files that are not there, by stanza.
    pending: BTreeMap<(PathBuf, LineCol), Pending>,
}

impl<'a> Loader<'a> {
    fn new(
        root: &'a Path,
        tree: &'a Tree,
        declared: &'a Declared,
        variable: &'a dyn Fn(&str) -> Option<String>,
        builder: Builder,
        installed: Installed,
    ) -> Self {
        let n_libraries = declared.libraries.len();
        Loader {
            root,
            tree,
            declared,
            variable,
            builder,
            installed,
            public: BTreeMap::new(),
            local: BTreeMap::new(),
            renamed: declared.renamed.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect(),
            available: vec![true; n_libraries],
            ids: vec![None; n_libraries],
            dir_modules: BTreeMap::new(),
            modules: BTreeMap::new(),
            off: BTreeSet::new(),
            owners: BTreeMap::new(),
            root_modules: Vec::new(),
            made: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    fn library_decl(&self, index: usize) -> &'a LibraryDecl {
        &self.declared.libraries[index]
    }

    fn project_of(&self, common: &Buildable) -> usize {
        self.tree.dirs[common.dir].project
    }

    /// What stands for the people who wrote a stanza: the directory of its dune project.
    fn package_of(&self, common: &Buildable) -> Name {
        let rel = &self.tree.projects[self.project_of(common)].rel;
        name(&Path::new(".").join(rel).to_string_lossy())
    }

    /// Says of the problems that were reported from `start` on, as far as they stand in the stanza, that they are those of a library.
    fn of_library(&mut self, start: usize, id: LibraryId, common: &Buildable) {
        self.made.insert((common.file.clone(), common.at), id);
        for problem in &mut self.builder.project.problems[start..] {
            if problem.place.as_ref().is_some_and(|place| place.file == common.file) {
                problem.library = Some(id);
            }
        }
    }

    /// Says that code in C or another language is not counted.
    fn report_foreign(&mut self, common: &Buildable, name: &str, help: &str) {
        let message = format!("the C code of `{name}` is in no figure");
        let problem = Problem::new(Severity::Warning, Code::Unsupported, message);
        self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
    }

    fn place_of(&self, id: LibraryId) -> Place {
        let index = self.ids.iter().position(|&other| other == Some(id));
        match index.map(|index| &self.declared.libraries[index].common) {
            Some(common) => Place { file: common.file.clone(), at: Some(common.at) },
            None => Place { file: self.builder.project.library(id).dir.clone(), at: None },
        }
    }
}

fn rewriter_names(common: &Buildable) -> Vec<Name> {
    common.rewriters.iter().map(|word| name(&word.text)).collect()
}
