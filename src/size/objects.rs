//! The object files of a project: every archive of the libraries at hand, measured unit by unit.
//!
//! Takes a [`Project`], gives [`Objects`]. Reading is the only thing here that touches the disk. An archive that cannot
//! be read is a problem, and its units are estimated.

use super::c_library::CLibrary;
use super::static_c::SystemDirs;
use super::unit::{UnitSize, measure_file, measure_members, measure_objects, wanted_of};
use crate::base::{Code, Idx, LibraryId, Name, Problem, Severity, UnitId, capitalise, name};
use crate::cache::Cache;
use crate::project::{CmxUnit, LibraryOrigin, Project, read_cmx, read_cmxa};
use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How C compilers and linkers are told to export an executable's symbols.
const EXPORTING: [&str; 4] = ["-Wl,-E", "-Wl,--export-dynamic", "-Wl,-export-dynamic", "-rdynamic"];

/// What the object files of a project say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Objects {
    /// For each unit, by [`UnitId`], what its object file says.
    pub units: Vec<Option<UnitSize>>,
    /// For each unit, by [`UnitId`], what its archive says of it.
    pub link: Vec<Option<CmxUnit>>,
    /// For each library, by [`LibraryId`], the C libraries that it asks for, in order.
    pub c_inputs: Vec<Vec<CInput>>,
    /// Libraries whose archives have the linker export the executable's symbols (`-Wl,-E`), whatever else it is told: what archives
    /// ask for comes last on its command line.
    pub exporting: Vec<LibraryId>,
    /// The static C libraries.
    pub c_libraries: Vec<CLibrary>,
    /// Their names without `lib`.
    pub(super) stub_names: Vec<Name>,
    /// The C runtime, an index of `c_libraries`.
    pub runtime: Option<usize>,
    /// What a static executable has of the system, once [`Objects::load_system`] has read it.
    pub(super) system: Option<SystemLibraries>,
}

/// The system's static libraries.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct SystemLibraries {
    /// Those that are asked for by name (`m`, `dl`), each one archive or more.
    pub(super) named: BTreeMap<Name, Vec<CLibrary>>,
    /// The compiler's own and the C library, which are searched until nothing more is taken.
    pub(super) group: Vec<CLibrary>,
}

/// A C library on the linker's command line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CInput {
    /// A static one: an index of [`Objects::c_libraries`].
    Static(usize),
    /// A shared one of the system, by its name without `lib`.
    Shared(Name),
}

impl Objects {
    /// Returns the measured unit of an id.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> Option<&UnitSize> {
        self.units.get(unit.idx())?.as_ref()
    }
}

/// Reads and measures the archives of all libraries of a project, in parallel. Archives that do not exist are passed
/// over in silence: nothing is built yet.
#[must_use]
pub fn load_objects(project: &Project) -> (Objects, Vec<Problem>) {
    load_objects_cached(project, &Cache::none())
}

/// [`load_objects`], with what is known of an archive from before.
#[must_use]
pub fn load_objects_cached(project: &Project, cache: &Cache) -> (Objects, Vec<Problem>) {
    load_objects_of(project, cache, |_| true)
}

/// [`load_objects_cached`] of some units alone: the others count as without object files.
#[must_use]
pub fn load_objects_of(
    project: &Project,
    cache: &Cache,
    is_wanted: impl Fn(UnitId) -> bool + Sync,
) -> (Objects, Vec<Problem>) {
    // Neither needs the other: one thread reads what archives say while others measure what is in them. The only thread reads
    // first, which takes more memory for a while, when little has been measured.
    let ((mut c_side, of_c_side), (objects, mut problems)) = rayon::join(
        || load_c(project, cache),
        || {
            let mut objects = Objects {
                units: vec![None; project.units.len()],
                link: vec![None; project.units.len()],
                ..Objects::default()
            };
            let mut problems = Vec::new();
            load_units(project, cache, &is_wanted, &mut objects, &mut problems);
            load_own(project, cache, &is_wanted, &mut objects);
            (objects, problems)
        },
    );
    problems.extend(of_c_side);
    let Objects { units, link, .. } = objects;
    let archived = std::mem::take(&mut c_side.link);
    let link = link.into_iter().zip(archived).map(|(own, archived)| own.or(archived)).collect();
    (Objects { units, link, ..c_side }, problems)
}

impl Objects {
    /// Reads the system's static C libraries, which only static executables ask for: some megabytes.
    ///
    /// Returns a problem where they are not installed: such executables are then priced without them.
    pub fn load_system(&mut self) -> Option<Problem> {
        let dirs = SystemDirs::of_machine();
        let read = |names: &str| -> Vec<CLibrary> {
            let paths = dirs.find(names);
            let cache = Cache::none();
            let bytes = paths.par_iter().filter_map(|path| read_file(&cache, path).ok().flatten());
            bytes.filter_map(|bytes| CLibrary::read(&bytes).ok()).collect()
        };
        let group: Vec<CLibrary> = ["gcc", "gcc_eh", "c"].into_iter().flat_map(read).collect();
        if group.len() < 3 {
            let message =
                "the system's static C library is not installed: the sizes of static executables lack it";
            let problem = Problem::new(Severity::Note, Code::Unreadable, message);
            return Some(problem.help("install it (libc6-dev and gcc on Debian) to have it counted"));
        }
        let shared = self.c_inputs.iter().flatten().filter_map(|input| match input {
            CInput::Shared(library) => Some(*library),
            CInput::Static(_) => None,
        });
        let wanted: std::collections::BTreeSet<Name> = shared.chain(RUNTIME_NEEDS.map(name)).collect();
        let named = wanted.into_iter().map(|library| (library, read(library.as_str()))).collect();
        self.system = Some(SystemLibraries { named, group });
        None
    }
}

/// What OCaml's runtime asks for of the system (`native_c_libraries` of `ocamlfind ocamlopt -config`).
pub(super) const RUNTIME_NEEDS: [&str; 2] = ["m", "dl"];

/// Says that a file could not be used, and what follows from that.
pub(super) fn unreadable(path: &Path, message: String, help: &str) -> Problem {
    Problem::new(Severity::Warning, Code::Unreadable, message).at(path, None).help(help)
}

/// Measures the units of all archives that are wanted.
fn load_units(
    project: &Project,
    cache: &Cache,
    is_wanted: &(impl Fn(UnitId) -> bool + Sync),
    objects: &mut Objects,
    problems: &mut Vec<Problem>,
) {
    let mut archives: Vec<(usize, PathBuf)> = Vec::new();
    for (library_idx, library) in project.libraries.iter().enumerate() {
        for path in library.archives.iter().filter_map(|archive| archive.objects.as_ref()) {
            archives.push((library_idx, path.clone()));
            // The last unit of every program lies beside the standard library's archive.
            if library.origin == LibraryOrigin::Stdlib {
                archives.push((library_idx, path.with_file_name("std_exit.o")));
            }
        }
    }
    let measure = |library_idx: usize, path: &Path| {
        // A compiled unit is named after its file; what is in a pack is seen when it is read.
        let is_wanted_member = |member: &str| {
            let library = LibraryId::new(library_idx);
            let unit = unit_of_member(member).and_then(|unit| project.archived_unit(library, unit));
            unit.is_none_or(|unit| is_wanted(unit) || !project.unit(unit).packed.is_empty())
        };
        if cache.is_kept() {
            // What is kept is of all members, whoever asks next.
            let members = of_file(cache, "members of an archive", path, measure_members)?;
            return members.map_or(Ok(Vec::new()), |members| wanted_of(members, is_wanted_member));
        }
        if exists(cache, path)? { measure_file(path, is_wanted_member) } else { Ok(Vec::new()) }
    };
    let measured: Vec<_> =
        archives.par_iter().map(|(library_idx, path)| measure(*library_idx, path)).collect();
    let owners = project.owners_of_parts();
    for ((library_idx, path), result) in archives.iter().zip(measured) {
        let units = result.unwrap_or_else(|message| {
            let help = "the sizes of its units are estimated; build or install the library again";
            problems.push(unreadable(path, message, help));
            Vec::new()
        });
        let library = LibraryId::new(*library_idx);
        let named = |name: Name| project.archived_unit(library, name);
        let of_library = |unit: &UnitId| project.unit(*unit).library == library;
        for mut size in units {
            let parts = std::mem::take(&mut size.parts);
            // Compiled for a pack that does not hold it, a unit has the pack's name in its symbols.
            let outside = || owners.get(&size.unit).copied().filter(of_library);
            let Some(unit) = named(size.unit).or_else(outside) else { continue };
            // A pack is one unit unless its members are known.
            let is_whole = project.members(unit).is_empty();
            let parts = match is_whole {
                true => vec![(unit, size)],
                false => parts.into_iter().filter_map(|part| Some((named(part.unit)?, part))).collect(),
            };
            for (unit, part) in parts.into_iter().filter(|&(unit, _)| is_wanted(unit)) {
                objects.units[unit.idx()].get_or_insert(part);
            }
        }
    }
}

/// Measures the units that have object files of their own. One that cannot be read, or is not OCaml's, is passed over: a build
/// may be writing it.
fn load_own(
    project: &Project,
    cache: &Cache,
    is_wanted: &(impl Fn(UnitId) -> bool + Sync),
    objects: &mut Objects,
) {
    let own: Vec<(usize, &Path)> = project
        .units
        .iter()
        .enumerate()
        .filter_map(|(i, unit)| Some((i, unit.object.as_deref()?)))
        .filter(|&(i, _)| objects.units[i].is_none() && is_wanted(UnitId::new(i)))
        .collect();
    let measure = |&(i, path): &(usize, &Path)| {
        let bytes = read_file(cache, path).ok().flatten()?;
        let size =
            measure_objects(&bytes).ok()?.into_iter().find(|size| size.unit == project.units[i].name)?;
        let link = read_file(cache, &path.with_extension("cmx")).ok().flatten();
        Some((i, size, link.and_then(|bytes| read_cmx(&bytes).ok())))
    };
    let measured: Vec<_> = own.par_iter().filter_map(measure).collect();
    for (i, size, link) in measured {
        objects.units[i] = Some(size);
        objects.link[i] = link;
    }
}

/// Reads what archives say of their units, and the C libraries that they ask for, the runtime included.
fn load_c(project: &Project, cache: &Cache) -> (Objects, Vec<Problem>) {
    let mut objects = Objects {
        link: vec![None; project.units.len()],
        c_inputs: vec![Vec::new(); project.libraries.len()],
        ..Objects::default()
    };
    let mut problems = Vec::new();
    let stdlib = project.libraries.iter().find(|library| library.origin == LibraryOrigin::Stdlib);
    let stdlib_dir = stdlib
        .and_then(|library| {
            library.archives.first()?.cmxa.as_ref().or(library.archives.first()?.objects.as_ref())
        })
        .and_then(|path| path.parent())
        .map(Path::to_path_buf);
    let mut paths: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut place = |path: PathBuf| {
        let n_paths = paths.len();
        *paths.entry(path).or_insert(n_paths)
    };
    for (library_idx, library) in project.libraries.iter().enumerate() {
        for path in library.archives.iter().filter_map(|archive| archive.cmxa.as_ref()) {
            // Whoever read the project has complained about archives that cannot be read.
            let info = of_file(cache, "link information", path, |bytes| read_cmxa(bytes).ok());
            let Some(info) = info.ok().flatten().flatten() else { continue };
            let own_dir = path.parent().map(Path::to_path_buf);
            let dirs: Vec<&Path> = own_dir.iter().chain(&stdlib_dir).map(PathBuf::as_path).collect();
            for wanted in info.ccobjs.iter().flat_map(|text| text.split_whitespace()) {
                let Some(wanted) = wanted.strip_prefix("-l") else { continue };
                let file = format!("lib{wanted}.a");
                let found = dirs.iter().map(|dir| dir.join(&file)).find(|path| cache.is_file(path));
                objects.c_inputs[library_idx].push(match found {
                    Some(path) => CInput::Static(place(path)),
                    None => CInput::Shared(name(wanted)),
                });
            }
            let mut options = info.ccopts.iter().flat_map(|text| text.split_whitespace());
            if options.any(|option| EXPORTING.contains(&option)) {
                objects.exporting.push(LibraryId::new(library_idx));
            }
            for unit in info.units {
                if let Some(id) = project.archived_unit(LibraryId::new(library_idx), unit.name) {
                    objects.link[id.idx()].get_or_insert(unit);
                }
            }
        }
    }
    let runtime = stdlib_dir.map(|dir| dir.join("libasmrun.a")).filter(|path| cache.is_file(path));
    objects.runtime = runtime.map(place);
    let mut ordered: Vec<(PathBuf, usize)> = paths.into_iter().collect();
    ordered.sort_by_key(|&(_, index)| index);
    let read = |path: &Path| {
        if !cache.is_kept() {
            return if exists(cache, path)? { CLibrary::read_file(path) } else { Ok(CLibrary::default()) };
        }
        let made = of_file(cache, "members of a C library", path, |bytes| {
            CLibrary::read(bytes).map_err(|error| error.to_string())
        });
        made?.unwrap_or_else(|| Ok(CLibrary::default()))
    };
    let libraries: Vec<_> = ordered.par_iter().map(|(path, _)| read(path)).collect();
    for ((path, _), result) in ordered.iter().zip(libraries) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        objects.stub_names.push(name(stem.strip_prefix("lib").unwrap_or(&stem)));
        objects.c_libraries.push(result.unwrap_or_else(|message| {
            problems.push(unreadable(path, message, "its C code is missing from the sizes of programs"));
            CLibrary::default()
        }));
    }
    (objects, problems)
}

impl Objects {
    /// Whether the runtime runs code on stacks that grow (since OCaml 5.0): shared functions check them.
    pub(super) fn has_fibers(&self) -> bool {
        let runtime = self.runtime.and_then(|index| self.c_libraries.get(index));
        runtime.is_some_and(|runtime| runtime.offers(name("caml_call_realloc_stack")))
    }

    /// Returns the shared libraries of C stubs that a bytecode program of a library loads: bytes of their names.
    pub(super) fn shared_stubs(&self, library: LibraryId) -> Option<u64> {
        let inputs = self.c_inputs.get(library.idx())?;
        let stubs = inputs.iter().filter_map(|input| match input {
            CInput::Static(index) => self.stub_names.get(*index),
            CInput::Shared(_) => None,
        });
        // `dllunix`, with its end.
        Some(stubs.map(|name| "dll".len() as u64 + name.len() as u64 + 1).sum())
    }

    /// Returns the first of some libraries on the command line that has symbols exported.
    #[must_use]
    pub fn exporter(&self, libraries: &[LibraryId]) -> Option<LibraryId> {
        libraries.iter().copied().find(|library| self.exporting.contains(library))
    }

    /// Returns the C libraries of some libraries on the command line, then the runtime.
    pub(super) fn c_inputs_of(&self, libraries: &[LibraryId]) -> Vec<CInput> {
        let asked =
            libraries.iter().filter_map(|library| self.c_inputs.get(library.idx())).flatten().cloned();
        asked.chain(self.runtime.map(CInput::Static)).collect()
    }
}

/// Returns the unit that the compiler makes of a file: `base__List.o` is of `Base__List`.
fn unit_of_member(member: &str) -> Option<Name> {
    member.strip_suffix(".o").map(|stem| name(&capitalise(stem)))
}

/// Whether there is a file.
///
/// **Errors**: when something else is there, or nobody can tell.
fn exists(cache: &Cache, path: &Path) -> Result<bool, String> {
    if cache.is_file(path) {
        return Ok(true);
    }
    match std::fs::metadata(path) {
        Ok(_) => Err("the archive is not a file".to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(format!("cannot read the archive: {error}")),
    }
}

/// Returns what is made of a file, which may be known; nothing when it does not exist.
fn of_file<T: Serialize + DeserializeOwned>(
    cache: &Cache,
    what: &str,
    path: &Path,
    compute: impl FnOnce(&[u8]) -> T,
) -> Result<Option<T>, String> {
    if !exists(cache, path)? {
        return Ok(None);
    }
    let made = cache.of_file(what, path, compute);
    made.map(Some).map_err(|error| format!("cannot read the archive: {error}"))
}

/// Reads a file; nothing when it does not exist.
fn read_file(cache: &Cache, path: &Path) -> Result<Option<Vec<u8>>, String> {
    if !exists(cache, path)? {
        return Ok(None);
    }
    cache.read_bytes(path).map(Some).map_err(|error| format!("cannot read the archive: {error}"))
}
