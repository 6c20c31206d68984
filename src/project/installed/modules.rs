//! The modules of a package, each made a unit: its sources, its interface, its flags.

use crate::base::{LibraryId, Name, UnitId, name, uncapitalise};
use crate::project::build::{Builder, DirSources, Sources, UnitFlags, unit_name};
use crate::project::dune_package::{DuneLibrary, DuneModule};
use crate::project::load;
use crate::project::model::{Generated, UnitSource};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What is known of a package's modules besides its archive.
pub(super) struct Modules {
    /// The sources in its directory.
    pub(super) dir: Rc<DirSources>,
    pub(super) base: PathBuf,
    pub(super) dune: Option<DuneLibrary>,
    /// Whether some unit was surely compiled with `-no-alias-deps`.
    no_alias_deps: bool,
    /// What [`Modules::dune`] says of each unit: its number there, the first where there are several.
    by_unit: FxHashMap<String, usize>,
    /// The alias module that all other modules open.
    alias: Option<Name>,
    /// Whether some module has its interface beside the archive.
    has_interfaces: bool,
}

impl Modules {
    pub(super) fn new(
        dir: Rc<DirSources>,
        base: PathBuf,
        dune: Option<DuneLibrary>,
        no_alias_deps: bool,
    ) -> Self {
        let mut by_unit = FxHashMap::default();
        for (i, module) in dune.iter().flat_map(|dune| &dune.modules).enumerate() {
            by_unit.entry(module.unit.clone()).or_insert(i);
        }
        let alias = dune.as_ref().and_then(DuneLibrary::alias_module).map(|alias| name(&alias.unit));
        let has_interfaces = dir.units.values().any(|sources| sources.interface.is_some());
        Modules { dir, base, dune, no_alias_deps, by_unit, alias, has_interfaces }
    }

    /// What dune says of a unit.
    fn module(&self, unit: &str) -> Option<&DuneModule> {
        Some(&self.dune.as_ref()?.modules[*self.by_unit.get(unit)?])
    }

    /// Adds the unit `unit` that the archive holds.
    pub(super) fn add(&self, builder: &mut Builder, id: LibraryId, unit: Name) -> UnitId {
        let module = self.module(&unit);
        let sources = match module {
            Some(module) => self.sources(module),
            None => self.dir.get(&unit).cloned().unwrap_or_default(),
        };
        // In the compiler's own directory `bigarray.ml` is the standard library's, not that of the library `bigarray`.
        let is_stdlib = load::is_file(&self.base.join(format!("stdlib__{unit}.cmi")));
        let sources = Sources { implementation: sources.implementation.filter(|_| !is_stdlib), ..sources };
        let flags = self.flags(module);
        let id = match (module, sources.implementation) {
            (_, Some(ml)) => {
                let has_interface = sources.interface.is_some();
                let sources = Sources { implementation: Some(ml), interface: sources.interface };
                let added = builder.unit(id, unit, sources, flags);
                if module.is_none()
                    && !has_interface
                    && let Some(path) = self.interface_not_shipped(&unit)
                {
                    builder.set_compiled_interface(added, path);
                }
                added
            }
            (Some(module), None) if module.is_alias => {
                builder.add_unit(id, unit, UnitSource::Generated(self.aliases()), flags)
            }
            (_, None) => {
                let interface = sources.interface.map(|path| (path, flags));
                let compiled =
                    || compiled_interface(&self.base, &unit).map(|path| (path, UnitFlags::generated()));
                match interface.or_else(compiled) {
                    Some((path, flags)) => builder.opaque_unit(id, unit, Some(path), flags),
                    None => builder.opaque_unit(id, unit, None, UnitFlags::generated()),
                }
            }
        };
        builder.unit_mut(id).is_private =
            module.is_some_and(|module| module.is_private) || compiled_interface(&self.base, &unit).is_none();
        id
    }

    /// The compiled interface of a unit whose `.mli` may be missing: nothing beside it has one, and so no `.cmti`.
    fn interface_not_shipped(&self, unit: &str) -> Option<PathBuf> {
        let path = compiled_interface(&self.base, unit).filter(|_| !self.has_interfaces)?;
        (!load::is_file(&path.with_extension("cmti"))).then_some(path)
    }

    /// What dune writes into the alias module.
    fn aliases(&self) -> Generated {
        let modules = self.dune.iter().flat_map(|dune| &dune.modules).filter(|module| !module.is_alias);
        Generated { aliases: modules.map(|module| (name(&module.name), name(&module.unit))).collect() }
    }

    fn flags(&self, module: Option<&DuneModule>) -> UnitFlags {
        match (&self.dune, module) {
            (Some(_), Some(module)) if module.is_alias => UnitFlags::generated(),
            (Some(_), Some(_)) => {
                let opens = self.alias.into_iter().collect();
                UnitFlags { opens, no_alias_deps: true, opens_stdlib: true, noassert: false }
            }
            _ => UnitFlags { no_alias_deps: self.no_alias_deps, ..UnitFlags::plain() },
        }
    }

    pub(super) fn sources(&self, module: &DuneModule) -> Sources {
        let beside =
            self.dir.get(&module.name).or_else(|| self.dir.get(&module.unit)).cloned().unwrap_or_default();
        let [ml, mli] = module.paths.clone();
        let written =
            |path: Option<String>| path.map(|path| self.base.join(path)).filter(|path| load::is_file(path));
        Sources {
            implementation: written(ml).or(beside.implementation),
            interface: written(mli).or(beside.interface),
        }
    }

    /// Adds the modules without code.
    pub(super) fn add_interfaces(&self, builder: &mut Builder, id: LibraryId) {
        for module in self.dune.iter().flat_map(|dune| &dune.modules) {
            let unit = name(&module.unit);
            if !module.has_implementation && !builder.project.library(id).unit_by_name.contains_key(&unit) {
                let (interface, flags) = match self.sources(module).interface {
                    Some(path) => (Some(path), self.flags(Some(module))),
                    None => (compiled_interface(&self.base, &unit), UnitFlags::generated()),
                };
                builder.unit(id, unit, Sources { implementation: None, interface }, flags);
            }
        }
    }

    /// Adds the modules with code from the sources alone, where the archive cannot be read.
    pub(super) fn add_implementations(&self, builder: &mut Builder, id: LibraryId) {
        let from_dune =
            self.dune.iter().flat_map(|dune| &dune.modules).filter(|module| module.has_implementation);
        let mut units: BTreeSet<Name> = from_dune.map(|module| name(&module.unit)).collect();
        if self.dune.is_none() {
            let with_code = self.dir.units.iter().filter(|(_, files)| files.implementation.is_some());
            units.extend(with_code.map(|(unit, _)| unit_name(unit)));
        }
        for unit in units {
            if !builder.project.library(id).unit_by_name.contains_key(&unit) {
                self.add(builder, id, unit);
            }
        }
    }
}

/// The compiled interface of a unit: what there is to read where no source is installed.
pub(in crate::project) fn compiled_interface(dir: &Path, unit: &str) -> Option<PathBuf> {
    [uncapitalise(unit), unit.to_owned()]
        .iter()
        .map(|stem| dir.join(format!("{stem}.cmi")))
        .find(|path| load::is_file(path))
}
