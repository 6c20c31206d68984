//! Installed packages as libraries: their units in archive order, the files of each, and how each was compiled.
//!
//! Takes package names and predicates, adds to a project what is reachable from them. The archive says which units
//! there are, in which order, forced or not, and what each records; `dune-package` says which module each is; files
//! lie beside the archive. A unit without a source is opaque; without an interface either, its `.cmi` is read.
//!
//! `modules` makes the units; `wrapped` knows a wrapped library by its units' names; `order` puts libraries in link order.

mod modules;
mod order;
mod wrapped;

pub(super) use modules::compiled_interface;
pub(super) use order::{link_order, visible};

use super::build::{Builder, DirSources, Sources, UnitFlags};
use super::cmxa::{CmxUnit, read_cmx};
use super::findlib::{Closure, Findlib, Package, Predicates, near_names};
use super::load;
use super::model::{Archive, LibraryOrigin, UnitSource};
use super::packs::add_pack;
use super::stdlib::{add_stdlib, packed, read_archive, recorded};
use crate::base::{Code, LibraryId, Name, Place, Problem, Severity, UnitId, name};
use modules::Modules;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use wrapped::wrapped_by_names;

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
    /// The virtual libraries, each with the package that implements it where a program names none, if there is one.
    pub(crate) default_implementations: BTreeMap<LibraryId, Option<String>>,
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
            default_implementations: BTreeMap::new(),
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
        let top = missing.split('.').next().unwrap_or(missing);
        let by = user.map(|user| format!(", which `{}` requires,", user.name)).unwrap_or_default();
        if let Some(package) = self.findlib.passed_over(missing) {
            let message = format!("package `{missing}`{by} is installed without any file of its `exists_if`");
            let help = format!(
                "reinstall it (`opam reinstall {top}`, or your system's package of it), or leave it out"
            );
            let problem = Problem::new(Severity::Error, Code::MissingPackage, message).help(help);
            builder.report(problem.at(&package.meta_file, package.exists_place()));
            return;
        }
        let known = self.findlib.top_names();
        let near = near_names(missing, known.iter().map(String::as_str).filter(|name| *name != missing));
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
        let re_exports = package.re_exports(&self.predicates);
        let re_exports = re_exports.iter().filter_map(|name| self.loaded.get(name).copied());
        builder.library_mut(id).re_exports = re_exports.filter(|&exported| exported != id).collect();
        if package.variable("ppx", &self.predicates).is_some()
            || package.variable("ppxopt", &self.predicates).is_some()
        {
            builder.library_mut(id).rewriters.push(name(&package.name));
        }
        if let Some(dune) = package.dune.as_deref() {
            let implements = dune.implements.as_ref().and_then(|of| self.loaded.get(of));
            builder.library_mut(id).implements = implements.copied();
            if dune.is_virtual {
                self.default_implementations.insert(id, dune.default_implementation.clone());
            }
        }
        self.add_units(builder, package, id, &archives);
        // Nothing is looked up from a package without units; each of a long chain of them would see all behind it.
        let has_units = !builder.project.library(id).unit_by_name.is_empty();
        let seen = if has_units { visible(builder, id, self.stdlib) } else { vec![id, self.stdlib] };
        builder.library_mut(id).visible = seen;
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
        let modules = Modules::new(dir, package.dir.clone(), dune, no_alias_deps);
        // The code of a virtual library lies in the archives of its implementations.
        let mut is_complete = !self.default_implementations.contains_key(&id);
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
                let of_virtual = builder.project.unit_of_virtual(id, known.name);
                let unit = pack.or(of_virtual).unwrap_or_else(|| modules.add(builder, id, known.name));
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
        match &modules.dune {
            Some(dune) => {
                modules.add_interfaces(builder, id);
                dune.data_module.iter().for_each(|module| builder.set_made_at_link(id, module));
            }
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

fn report_cycles(builder: &mut Builder, closure: &Closure) {
    for cycle in &closure.cycles {
        let shown: Vec<_> = cycle.iter().take(MAX_SHOWN).map(|name| format!("`{name}`")).collect();
        let first = cycle.first().map(String::as_str).unwrap_or_default();
        let rest = match cycle.len() - shown.len() {
            0 => String::new(),
            n_left => format!(" requires {n_left} more, the last of which"),
        };
        let message =
            format!("packages require each other: {}{rest} requires `{first}`", shown.join(" requires "));
        let mut problem =
            Problem::new(Severity::Error, Code::Cycle, message).help("reinstall these packages");
        if let Some(package) = closure.packages.iter().find(|package| package.name == first) {
            problem = problem.at(&package.meta_file, package.requires_place());
        }
        builder.report(problem);
    }
    if closure.n_more_cycles > 0 {
        let message = format!("packages require each other in {} more circles", closure.n_more_cycles);
        let mut problem =
            Problem::new(Severity::Error, Code::Cycle, message).help("reinstall these packages");
        let first = closure.cycles.first().and_then(|cycle| cycle.first());
        if let Some(package) = closure.packages.iter().find(|package| Some(&package.name) == first) {
            problem = problem.at(&package.meta_file, None);
        }
        builder.report(problem);
    }
}

/// Packages of a cycle that are named.
const MAX_SHOWN: usize = 10;

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
