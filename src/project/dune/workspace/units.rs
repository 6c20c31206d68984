//! A unit for each module, and the units that dune makes: aliases, `root_module`, plain names of a wrapped library.

use super::Loader;
use crate::base::{LibraryId, Name, UnitId, name};
use crate::project::build::{Sources, UnitFlags};
use crate::project::dune::declare::Buildable;
use crate::project::dune::modules::{ModuleFile, ModuleFiles};
use crate::project::dune::naming::Layout;
use crate::project::generator::Generator;
use crate::project::load;
use crate::project::model::{Generated, SourceKind, UnitSource};
use std::collections::BTreeMap;
use std::path::Path;

impl<'a> Loader<'a> {
    /// Adds the alias modules and a unit for each module; gives the units by module.
    pub(super) fn add_units(
        &mut self,
        id: LibraryId,
        common: &Buildable,
        layout: &Layout,
        files: &BTreeMap<String, ModuleFiles>,
    ) -> BTreeMap<String, UnitId> {
        for (unit, entries) in &layout.aliases {
            let aliases = entries.iter().map(|(module, unit)| (name(module), name(unit))).collect();
            let flags = UnitFlags::generated();
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
            let is_known = |generator: &Generator| matches!(generator, Generator::Written { .. });
            let is_pending = |file: &&ModuleFile| match file.generator() {
                Some(generator) => !is_known(generator),
                None => file.path().is_none(),
            };
            for pending in [ml, mli].into_iter().flatten().filter(is_pending) {
                let from = pending.from().unwrap_or(Path::new("")).to_path_buf();
                let by_source = self.pending.entry((common.file.clone(), common.at)).or_default();
                let modules = by_source.entry((from, pending.path().is_some())).or_default();
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
            for (file, kind) in [(ml, SourceKind::Implementation), (mli, SourceKind::Interface)] {
                if let Some(generator) = file.as_ref().and_then(ModuleFile::generator) {
                    self.builder.set_generator(added, kind, generator);
                }
            }
            let from = [ml, mli].into_iter().flatten().find_map(ModuleFile::from).map(Path::to_path_buf);
            self.builder.unit_mut(added).generated_from = from;
            units.insert(module.clone(), added);
        }
        units
    }

    /// Adds the module that `root_module` asks for; what it says is known when all libraries have their units.
    fn add_root_module(&mut self, id: LibraryId, unit: &str) -> UnitId {
        let source = UnitSource::Generated(Generated::default());
        let flags = UnitFlags::generated();
        let added = self.builder.add_unit(id, name(unit), source, flags);
        // Unlike the module that wraps a program's own, it is linked where something names it.
        self.builder.unit_mut(added).recorded = Some(Vec::new());
        self.root_modules.push(added);
        added
    }

    /// Gives each root module an alias for each module that the libraries export.
    pub(super) fn fill_root_modules(&mut self) {
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
    pub(super) fn add_plain_names(
        &mut self,
        id: LibraryId,
        common: &Buildable,
        layout: &Layout,
        units: &BTreeMap<String, UnitId>,
    ) {
        let made = self.tree.dirs[common.dir].rel.join(".wrapped_compat");
        let built = self.tree.built(self.root, &made, load::is_dir);
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
}
