//! Installed packages as libraries: their units in archive order, the files of each, and how each was compiled.
//!
//! Takes package names and predicates, adds to a project what is reachable from them. The archive says which units
//! there are, in which order, forced or not, and what each records; `dune-package` says which module each is; files
//! lie beside the archive. A unit without a source is opaque; without an interface either, its `.cmi` is read.

use super::build::{Builder, DirSources, Sources, UnitFlags, unit_name};
use super::cmxa::{CmxUnit, read_cmx};
use super::dune_package::{DuneLibrary, DuneModule, capitalise};
use super::findlib::{Closure, Findlib, Package, Predicates, near_names};
use super::load;
use super::model::{Archive, Generated, LibraryOrigin, UnitSource};
use super::packs::add_pack;
use super::stdlib::{add_stdlib, packed, read_archive, recorded};
use crate::base::{Code, Idx, LibraryId, Name, Place, Problem, Severity, UnitId, name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The installed libraries that a project uses.
#[derive(Debug)]
pub(crate) struct Installed {
    /// Where packages are found.
    pub(crate) findlib: Findlib,
    /// The predicates that hold.
    pub(crate) predicates: Predicates,
    /// The standard library.
    pub(crate) stdlib: LibraryId,
    loaded: BTreeMap<String, LibraryId>,
    dirs: BTreeMap<PathBuf, Rc<DirSources>>,
    archives: BTreeMap<PathBuf, Option<Rc<Vec<CmxUnit>>>>,
    /// Interface-only units by directory, shared by the packages of that directory.
    loose: BTreeMap<PathBuf, Vec<UnitId>>,
}

impl Installed {
    /// Adds the standard library; packages follow as they are asked for.
    pub(crate) fn new(builder: &mut Builder, findlib: Findlib, predicates: Predicates) -> Self {
        let stdlib = add_stdlib(builder, findlib.stdlib_dir());
        Installed {
            findlib,
            predicates,
            stdlib,
            loaded: BTreeMap::new(),
            dirs: BTreeMap::new(),
            archives: BTreeMap::new(),
            loose: BTreeMap::new(),
        }
    }
    /// Adds `roots` and all that they require; gives the library of each root that was found.
    pub(crate) fn load(&mut self, builder: &mut Builder, roots: &[String]) -> Vec<Option<LibraryId>> {
        let closure = self.findlib.closure(roots, &self.predicates);
        builder.project.problems.extend(self.findlib.take_problems());
        for (missing, user) in &closure.missing {
            if user.is_some() {
                self.report_missing(builder, missing, user.as_deref(), None);
            }
        }
        report_cycles(builder, &closure);
        for package in &closure.packages {
            self.add(builder, package);
        }
        roots.iter().map(|root| self.loaded.get(root).copied()).collect()
    }
    /// Reports that a package is nowhere, with what is near and how to get it.
    pub(crate) fn report_missing(
        &self,
        builder: &mut Builder,
        missing: &str,
        user: Option<&Package>,
        place: Option<Place>,
    ) {
        let known = self.findlib.top_names();
        let near = near_names(missing, known.iter().map(String::as_str));
        let top = missing.split('.').next().unwrap_or(missing);
        let by = user.map(|user| format!(", which `{}` requires,", user.name)).unwrap_or_default();
        let hint =
            if near.is_empty() { String::new() } else { format!("did you mean `{}`? ", near.join("`, `")) };
        let path: Vec<_> = self.findlib.path().iter().map(|dir| dir.display().to_string()).collect();
        let searched = if path.is_empty() {
            "no directory is known".into()
        } else {
            format!("searched {}", path.join(", "))
        };
        let help = format!(
            "{hint}Install it (`opam install {top}`, or your system's package of it), or say where it is with --ocamlpath; {searched}"
        );
        let mut problem = Problem::new(
            Severity::Error,
            Code::MissingPackage,
            format!("package `{missing}`{by} is nowhere to be found"),
        );
        problem.place = place
            .or_else(|| user.map(|user| Place { file: user.meta_file.clone(), at: user.requires_place() }));
        builder.report(problem.help(help));
    }
    fn add(&mut self, builder: &mut Builder, package: &Rc<Package>) {
        if self.loaded.contains_key(&package.name) {
            return;
        }
        let archives = package.archives(&self.predicates);
        if package.name == "stdlib" && archives.is_empty() {
            self.loaded.insert(package.name.clone(), self.stdlib);
            return;
        }
        let id = builder.library(&package.name, LibraryOrigin::Installed, package.dir.clone());
        self.loaded.insert(package.name.clone(), id);
        let requires = package.requires(&self.predicates);
        let mut requires: Vec<_> =
            requires.iter().filter_map(|name| self.loaded.get(name).copied()).collect();
        requires.retain(|&required| required != id && required != self.stdlib);
        builder.library_mut(id).requires = requires;
        builder.library_mut(id).visible = visible(builder, id, self.stdlib);
        if package.variable("ppx", &self.predicates).is_some()
            || package.variable("ppxopt", &self.predicates).is_some()
        {
            builder.library_mut(id).rewriters.push(name(&package.name));
        }
        self.add_units(builder, package, id, &archives);
    }
    fn add_units(
        &mut self,
        builder: &mut Builder,
        package: &Rc<Package>,
        id: LibraryId,
        archives: &[String],
    ) {
        let dir = self.dir(&package.dir);
        let dune = package.dune.as_deref().cloned().or_else(|| {
            let paths =
                archives.iter().map(|file| archive_path(&package.dir, file, self.findlib.stdlib_dir()));
            let paths: Vec<_> = paths.collect();
            let units =
                paths.iter().filter_map(|path| self.archive(builder, path)).flat_map(|units| units.to_vec());
            let names: BTreeSet<Name> = units.map(|unit| unit.name).collect();
            wrapped_by_names(&package.name, &names, &dir, &package.dir)
        });
        builder.library_mut(id).is_wrapped =
            dune.as_ref().is_some_and(|dune| dune.is_wrapped || dune.modules.len() == 1);
        // An alias read without the flag leaves the digest of what it stands for.
        let paths = archives.iter().map(|file| archive_path(&package.dir, file, self.findlib.stdlib_dir()));
        let no_alias_deps = paths.collect::<Vec<_>>().iter().any(|path| {
            let units = self.archive(builder, path);
            units.iter().flat_map(|units| units.iter()).any(|unit| unit.has_cmi_digest.contains(&false))
        });
        let modules = Modules { dir, base: package.dir.clone(), dune, no_alias_deps };
        let mut is_complete = true;
        let mut n_opaque = 0;
        for file in archives {
            let path = archive_path(&package.dir, file, self.findlib.stdlib_dir());
            let Some(units) = self.archive(builder, &path) else {
                is_complete &= path.extension().is_some_and(|extension| extension == "o");
                continue;
            };
            let is_unit = path.extension().is_some_and(|extension| extension == "cmx");
            let objects =
                Some(path.with_extension(if is_unit { "o" } else { "a" })).filter(|path| load::is_file(path));
            let cmxa = Some(path).filter(|_| !is_unit);
            builder.library_mut(id).archives.push(Archive { objects, cmxa });
            for known in units.iter() {
                let pack = add_pack(builder, id, known, &package.dir, &modules.dir);
                let unit = pack.unwrap_or_else(|| modules.add(builder, id, known.name));
                n_opaque +=
                    usize::from(matches!(builder.project.unit(unit).source, UnitSource::Opaque { .. }));
                let unit = builder.unit_mut(unit);
                unit.forced = known.force_link || is_unit;
                unit.recorded = Some(recorded(known));
                unit.packed = packed(known);
            }
        }
        if !is_complete {
            modules.add_implementations(builder, id);
        }
        match modules.dune {
            Some(_) => modules.add_interfaces(builder, id),
            None => self.add_loose(builder, package, id, &modules),
        }
        if n_opaque > 0 {
            let message =
                format!("{n_opaque} units of package `{}` are installed without their sources", package.name);
            builder.report(
                Problem::new(Severity::Note, Code::NoSource, message).at(&package.dir, None).help(
                    "their references and bytes come from the archive; no split can be proposed for them",
                ),
            );
        }
    }
    /// Adds the units of a directory that no archive holds: interfaces without code, mostly.
    fn add_loose(&mut self, builder: &mut Builder, package: &Rc<Package>, id: LibraryId, modules: &Modules) {
        if Some(package.dir.as_path()) == self.findlib.stdlib_dir() {
            return; // that directory belongs to the standard library
        }
        if let Some(units) = self.loose.get(&package.dir) {
            for &unit in units {
                let name = builder.project.unit(unit).name;
                builder.library_mut(id).unit_by_name.entry(name).or_insert(unit);
            }
            return;
        }
        let mut taken: BTreeSet<Name> = BTreeSet::new();
        for sibling in self.findlib.siblings(&package.name) {
            if sibling.dir == package.dir {
                for file in sibling.archives(&self.predicates) {
                    let path = archive_path(&sibling.dir, &file, self.findlib.stdlib_dir());
                    if load::is_file(&path) {
                        taken.extend(
                            self.archive(builder, &path)
                                .iter()
                                .flat_map(|units| units.iter().map(|u| u.name)),
                        );
                    }
                }
            }
        }
        let mut units = Vec::new();
        for (unit, files) in &modules.dir.units {
            let unit = name(unit);
            if taken.contains(&unit) || builder.project.library(id).unit_by_name.contains_key(&unit) {
                continue;
            }
            let beside = |extension| {
                files.implementation.as_ref().is_some_and(|ml| load::is_file(&ml.with_extension(extension)))
            };
            let sources = match (&files.interface, beside("cmi") && !beside("cmx")) {
                (Some(_), _) => Sources { implementation: None, interface: files.interface.clone() },
                (None, true) => files.clone(),
                (None, false) => continue,
            };
            units.push(builder.unit(id, unit, sources, UnitFlags::plain()));
        }
        self.loose.insert(package.dir.clone(), units);
    }
    fn dir(&mut self, dir: &Path) -> Rc<DirSources> {
        let list = || Rc::new(DirSources::list(dir));
        self.dirs.entry(dir.to_path_buf()).or_insert_with(list).clone()
    }
    /// The units of an archive in its order, or the one unit of a `.cmx`.
    fn archive(&mut self, builder: &mut Builder, path: &Path) -> Option<Rc<Vec<CmxUnit>>> {
        if let Some(units) = self.archives.get(path) {
            return units.clone();
        }
        let units = match path.extension().and_then(|extension| extension.to_str()) {
            Some("cmxa") => read_archive(path, builder).map(|info| info.units),
            Some("cmx") => read_unit(path, builder).map(|unit| vec![unit]),
            _ => None, // C objects and the like
        };
        let units = units.map(Rc::new);
        self.archives.insert(path.to_path_buf(), units.clone());
        units
    }
}

/// What is known of a package's modules besides its archive.
struct Modules {
    /// The sources in its directory.
    dir: Rc<DirSources>,
    base: PathBuf,
    dune: Option<DuneLibrary>,
    /// Whether some unit was surely compiled with `-no-alias-deps`.
    no_alias_deps: bool,
}

impl Modules {
    /// Adds the unit `unit` that the archive holds.
    fn add(&self, builder: &mut Builder, id: LibraryId, unit: Name) -> UnitId {
        let module = self
            .dune
            .as_ref()
            .and_then(|dune| dune.modules.iter().find(|module| module.unit == unit.as_str()));
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
                let compiled = || compiled_interface(&self.base, &unit).map(|path| (path, compiled_flags()));
                match interface.or_else(compiled) {
                    Some((path, flags)) => builder.opaque_unit(id, unit, Some(path), flags),
                    None => builder.opaque_unit(id, unit, None, compiled_flags()),
                }
            }
        };
        builder.unit_mut(id).is_private =
            module.is_some_and(|module| module.is_private) || compiled_interface(&self.base, &unit).is_none();
        id
    }
    /// The compiled interface of a unit whose `.mli` may be missing: nothing beside it has one, and so no `.cmti`.
    fn interface_not_shipped(&self, unit: &str) -> Option<PathBuf> {
        let has_interfaces = self.dir.units.values().any(|sources| sources.interface.is_some());
        let path = compiled_interface(&self.base, unit).filter(|_| !has_interfaces)?;
        (!load::is_file(&path.with_extension("cmti"))).then_some(path)
    }
    /// What dune writes into the alias module.
    fn aliases(&self) -> Generated {
        let modules = self.dune.iter().flat_map(|dune| &dune.modules).filter(|module| !module.is_alias);
        Generated { aliases: modules.map(|module| (name(&module.name), name(&module.unit))).collect() }
    }
    fn flags(&self, module: Option<&DuneModule>) -> UnitFlags {
        match (&self.dune, module) {
            (Some(_), Some(module)) if module.is_alias => {
                UnitFlags { opens: Vec::new(), no_alias_deps: true, opens_stdlib: false, noassert: false }
            }
            (Some(dune), Some(_)) => {
                let opens = dune.alias_module().map(|alias| name(&alias.unit)).into_iter().collect();
                UnitFlags { opens, no_alias_deps: true, opens_stdlib: true, noassert: false }
            }
            _ => UnitFlags { no_alias_deps: self.no_alias_deps, ..UnitFlags::plain() },
        }
    }
    fn sources(&self, module: &DuneModule) -> Sources {
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
    fn add_interfaces(&self, builder: &mut Builder, id: LibraryId) {
        for module in self.dune.iter().flat_map(|dune| &dune.modules) {
            let unit = name(&module.unit);
            if !module.has_implementation && !builder.project.library(id).unit_by_name.contains_key(&unit) {
                let (interface, flags) = match self.sources(module).interface {
                    Some(path) => (Some(path), self.flags(Some(module))),
                    None => (compiled_interface(&self.base, &unit), compiled_flags()),
                };
                builder.unit(id, unit, Sources { implementation: None, interface }, flags);
            }
        }
    }
    /// Adds the modules with code from the sources alone, where the archive cannot be read.
    fn add_implementations(&self, builder: &mut Builder, id: LibraryId) {
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
pub(super) fn compiled_interface(dir: &Path, unit: &str) -> Option<PathBuf> {
    let mut stem = unit.to_owned();
    stem.get_mut(..1)?.make_ascii_lowercase();
    [stem, unit.to_owned()]
        .iter()
        .map(|stem| dir.join(format!("{stem}.cmi")))
        .find(|path| load::is_file(path))
}

/// How the text of a compiled interface is read: its paths are whole, nothing is opened before it.
pub(super) fn compiled_flags() -> UnitFlags {
    UnitFlags { opens: Vec::new(), no_alias_deps: true, opens_stdlib: false, noassert: false }
}

/// A wrapped library of which no `dune-package` tells (`(use_meta)`), known by its units' names: `P__X` beside `P` or
/// `P__`, of which the source is `x.ml`.
fn wrapped_by_names(
    library: &str,
    units: &BTreeSet<Name>,
    dir: &DirSources,
    base: &Path,
) -> Option<DuneLibrary> {
    let has = |unit: &str| units.contains(&name(unit));
    let mut prefixes =
        units.iter().filter_map(|unit| unit.split_once("__").filter(|(_, rest)| !rest.is_empty()));
    let prefix = prefixes.find(|(prefix, rest)| {
        (has(prefix) || has(&format!("{prefix}__"))) && dir.get(&capitalise(rest)).is_some()
    });
    let (prefix, _) = prefix?;
    let alias = Some(format!("{prefix}__")).filter(|alias| has(alias)).unwrap_or_else(|| prefix.to_string());
    let module = |name: &str, unit: &str, has_implementation, is_alias| DuneModule {
        name: name.into(),
        unit: unit.into(),
        has_implementation,
        paths: [None, None],
        is_alias,
        is_private: false,
    };
    let mut modules = vec![module(&alias, &alias, true, true)];
    if alias != prefix && has(prefix) {
        modules.push(module(prefix, prefix, true, false));
    }
    for (stem, sources) in &dir.units {
        let unit = format!("{prefix}__{stem}");
        let is_compiled = || {
            let mut object = unit.clone();
            object[..1].make_ascii_lowercase();
            load::is_file(&base.join(object + ".cmi"))
        };
        if has(&unit) {
            modules.push(module(stem, &unit, true, false));
        } else if sources.implementation.is_none() && is_compiled() {
            modules.push(module(stem, &unit, false, false));
        }
    }
    Some(DuneLibrary { name: library.into(), modules, is_wrapped: true, ..DuneLibrary::default() })
}

/// The libraries whose units `id` may name: itself, then what it requires, dependencies first, then the stdlib.
pub(crate) fn visible(builder: &Builder, id: LibraryId, stdlib: LibraryId) -> Vec<LibraryId> {
    let project = &builder.project;
    let mut visible = vec![id];
    let required =
        link_order(&project.libraries[id.idx()].requires, |id| &project.libraries[id.idx()].requires);
    visible.extend(required.into_iter().filter(|&other| other != id && other != stdlib));
    visible.push(stdlib);
    visible
}

/// `roots` and all that they require, each once, dependencies first; a cycle is cut where it closes.
pub(crate) fn link_order<'a>(
    roots: &[LibraryId],
    requires: impl Fn(LibraryId) -> &'a [LibraryId],
) -> Vec<LibraryId> {
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for &root in roots {
        if !seen.insert(root) {
            continue;
        }
        let mut stack = vec![(root, requires(root).iter())];
        while let Some((id, rest)) = stack.last_mut() {
            match rest.next() {
                Some(&next) => {
                    if seen.insert(next) {
                        stack.push((next, requires(next).iter()));
                    }
                }
                None => {
                    order.push(*id);
                    stack.pop();
                }
            }
        }
    }
    order
}

fn report_cycles(builder: &mut Builder, closure: &Closure) {
    for cycle in &closure.cycles {
        let text = cycle.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" requires ");
        let first = cycle.first().map(String::as_str).unwrap_or_default();
        let message = format!("packages require each other: {text} requires `{first}`");
        let mut problem =
            Problem::new(Severity::Error, Code::Cycle, message).help("reinstall these packages");
        if let Some(package) = closure.packages.iter().find(|package| package.name == first) {
            problem = problem.at(&package.meta_file, package.requires_place());
        }
        builder.report(problem);
    }
}

/// The file that an `archive` variable names.
fn archive_path(dir: &Path, file: &str, stdlib: Option<&Path>) -> PathBuf {
    match (file.strip_prefix('+'), stdlib) {
        (Some(rest), Some(stdlib)) => load::normal(&stdlib.join(rest)),
        _ => load::normal(&dir.join(file)),
    }
}

fn read_unit(path: &Path, builder: &mut Builder) -> Option<CmxUnit> {
    let reason = match load::read_bytes(path, load::ARCHIVE_LIMIT) {
        Ok(bytes) => match read_cmx(&bytes) {
            Ok(unit) => return Some(unit),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    let message = format!("cannot read this unit: {reason}");
    builder.report(
        Problem::new(Severity::Warning, Code::Unreadable, message)
            .at(path, None)
            .help("reinstall its package"),
    );
    None
}

/// The name of the unit of a source file.
pub(crate) fn unit_of_file(path: &Path) -> Option<Name> {
    let stem = path.file_stem()?.to_str()?;
    super::build::is_module_stem(stem).then(|| name(&capitalise(stem)))
}
