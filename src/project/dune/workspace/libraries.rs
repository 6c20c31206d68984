//! The libraries of the workspace: an id for each that can be built, what it requires, its units.

use super::names::Found;
use super::{Loader, rewriter_names};
use crate::base::{Code, LibraryId, Problem, Severity, capitalise, name};
use crate::project::built::add_built_archive;
use crate::project::dune::declare::{Buildable, LibraryDecl};
use crate::project::dune::modules::{ModuleFile, ModuleFiles, stanza_modules};
use crate::project::dune::naming::{Wrapping, layout, main_module};
use crate::project::load;
use crate::project::model::LibraryOrigin;
use crate::project::sexp::Sexp;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Loader<'a> {
    pub(super) fn add_libraries(&mut self) {
        self.index_names();
        self.drop_unavailable();
        self.off = self.rules_turned_off();
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
            let start = self.builder.project.problems.len();
            let implements = decl.implements.as_ref().map(|word| self.require(&decl.common, word));
            let implements = implements.flatten();
            let mut requires: Vec<LibraryId> = implements.into_iter().collect();
            requires.extend(self.requires(&decl.common));
            requires.retain(|&required| required != id);
            let re_exports = self.re_exports(&decl.common);
            let lang = self.tree.projects[self.project_of(&decl.common)].lang;
            let package = self.package_of(&decl.common);
            let library = self.builder.library_mut(id);
            library.package = package;
            library.dune_lang = Some(lang);
            library.inlines_more = decl.common.inlines_more;
            library.demands_interfaces = decl.common.demands_interfaces;
            library.is_private = decl.public_name.is_none();
            library.requires = requires;
            library.re_exports = re_exports;
            library.implements = implements;
            library.rewriters = rewriter_names(&decl.common);
            library.preprocessor = decl.common.preprocessor.as_deref().map(name);
            library.linkall = decl.common.linkall.is_some();
            library.linkall_place = decl.common.linkall.clone();
            self.of_library(start, id, &decl.common);
        }
        self.report_cycles();
        for index in 0..self.declared.libraries.len() {
            if let Some(id) = self.ids[index] {
                self.close_requires(id);
            }
        }
        for index in 0..self.declared.libraries.len() {
            if let Some(id) = self.ids[index] {
                let visible = self.visible(id, &self.library_decl(index).common);
                self.builder.library_mut(id).visible = visible;
            }
        }
        // Virtual libraries first: implementations take their names.
        let (implementing, others): (Vec<_>, Vec<_>) = (0..self.declared.libraries.len())
            .filter(|&index| self.ids[index].is_some())
            .partition(|&index| self.library_decl(index).implements.is_some());
        for index in others.into_iter().chain(implementing) {
            self.add_library_units(index);
        }
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

    fn add_library_units(&mut self, index: usize) {
        let (Some(id), decl) = (self.ids[index], self.library_decl(index)) else { return };
        let start = self.builder.project.problems.len();
        let (mut names, mut files) = self.stanza_modules(&decl.common);
        for module in decl.virtual_modules.iter().flatten().filter_map(Sexp::atom) {
            // Its implementation, if a file of that name lies about, is another library's.
            let module = capitalise(module);
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
        if let Some(private) = &decl.private_modules {
            let (private, _) = stanza_modules(Some(private), &self.dir_modules[&decl.common.dir], |_, _| {});
            for &unit in private.iter().filter_map(|module| units.get(module)) {
                self.builder.unit_mut(unit).is_private = true;
            }
        }
        if decl.is_transition {
            self.add_plain_names(id, &decl.common, &layout, &units);
        }
        self.add_built_archive(id, decl, &files);
        if decl.common.has_foreign && self.builder.project.library(id).archives.is_empty() {
            self.report_foreign(
                &decl.common,
                &decl.name,
                "what it takes comes on top, until the library is built",
            );
        }
        self.of_library(start, id, &decl.common);
        if let Some(module) = &decl.data_module {
            self.builder.set_made_at_link(id, module);
        }
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
            Some(Found::Installed) => {
                let of = decl.implements.as_ref().and_then(|of| self.installed.findlib.package(&of.text));
                let of = of.and_then(|package| package.dune.clone()).unwrap_or_default();
                match &of.main_module {
                    None => Wrapping::None,
                    Some(main) => Wrapping::Implementation {
                        main: main.clone(),
                        library: decl.name.clone(),
                        modules: of.modules.iter().map(|module| module.name.clone()).collect(),
                        is_since_3_7: self.dune_version(&decl.common) >= (3, 7),
                    },
                }
            }
            _ if decl.wrapped == Some(false) => Wrapping::None,
            _ => Wrapping::Library(main_module(&decl.name)),
        }
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

    /// Takes order, flags and bytes from the archive that the build left, where it is newer than the sources.
    fn add_built_archive(
        &mut self,
        id: LibraryId,
        decl: &LibraryDecl,
        files: &BTreeMap<String, ModuleFiles>,
    ) {
        let archive = self.tree.dirs[decl.common.dir].rel.join(format!("{}.cmxa", decl.name));
        let cmxa = self.tree.built(self.root, &archive, load::is_file);
        if !load::is_file(&cmxa) {
            return;
        }
        let sources = files.values().flat_map(|files| [&files.implementation, &files.interface]).flatten();
        let sources = sources.filter_map(ModuleFile::path);
        add_built_archive(&mut self.builder, id, cmxa, sources, decl.implements.is_some());
    }
}
