//! Bytes of bytecode programs: units from `.cma` archives, and what `ocamlc` writes around them.
//!
//! Takes the native sizes of a project and its bytecode archives, gives [`Sizes`] for [`Profile::Bytecode`] and, for linked
//! units, a [`ProgramSize`]. A program is the line that names the runtime, then sections: `CODE`, `DLLS`, `PRIM` (all C functions
//! of the runtime and those that code calls besides), `DATA` (one slot for each unit, and the constants), `SYMB` (which unit has
//! which slot), `CRCS` (interfaces with digests), `DBUG` (`-g`), then their table.
//!
//! `.cma` files do not tell definitions apart: a unit's bytes are shared out as its native code and data are. A unit without
//! `.cma` is estimated by the ratio of bytecode to native code over the units that have both.
//!
//! **Source**: `bytecomp/bytelink.ml`, `symtable.ml`, `bytesections.ml` of OCaml 4.13; checked against programs that `ocamlc` linked.

use super::byte_runtime::{ByteRuntime, MAX_BYTES};
use super::objects::unreadable;
use super::sizes::UnitFigure;
use super::{Anatomy, Bytes, Objects, Profile, ProgramSize, Provenance, Sizes};
use crate::base::{Idx, LibraryId, Name, Problem, UnitId, read_regular};
use crate::project::{CmaUnit, LibraryOrigin, Project, marshalled_string_len, read_cma};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The bytecode files of a project.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Bytecode {
    /// For each unit, by [`UnitId`], the file that holds it (an index of `files`) and what that says.
    units: Vec<Option<(usize, CmaUnit)>>,
    files: Vec<PathBuf>,
    pub(super) runtime: ByteRuntime,
}

/// Reads the bytecode archives beside the native ones, and the runtime's list of C functions. What does not exist is estimated; so
/// is what cannot be read, with a problem for each archive.
#[must_use]
pub fn load_bytecode(project: &Project) -> (Bytecode, Vec<Problem>) {
    let mut archives: Vec<(usize, PathBuf)> = Vec::new();
    let mut bytecode = Bytecode { units: vec![None; project.units.len()], ..Bytecode::default() };
    for (library_idx, library) in project.libraries.iter().enumerate() {
        for path in library.archives.iter().filter_map(|archive| archive.cmxa.as_ref()) {
            archives.push((library_idx, path.with_extension("cma")));
            if library.origin == LibraryOrigin::Stdlib {
                archives.push((library_idx, path.with_file_name("std_exit.cmo")));
                bytecode.runtime = path.parent().map(ByteRuntime::read).unwrap_or_default();
            }
        }
    }
    let found: Vec<_> = archives.par_iter().map(|(_, path)| read(path)).collect();
    let mut problems = Vec::new();
    for ((library_idx, path), units) in archives.into_iter().zip(found) {
        let units = units.unwrap_or_else(|message| {
            let help = "the sizes of its units in bytecode are estimated; build or install the library again";
            problems.push(unreadable(&path, message, help));
            Vec::new()
        });
        let file = bytecode.files.len();
        bytecode.files.push(path);
        for unit in units {
            if let Some(id) = project.archived_unit(LibraryId::new(library_idx), unit.name) {
                bytecode.units[id.idx()].get_or_insert((file, unit));
            }
        }
    }
    for i in 0..project.units.len() {
        let found = own_files(project, UnitId::new(i)).into_iter().find_map(|path| {
            // A build may be writing it.
            let units = read(&path).unwrap_or_default();
            let unit = units.into_iter().find(|found| found.name == project.units[i].name)?;
            Some((path, unit))
        });
        if let Some((path, unit)) = found {
            let file = bytecode.files.len();
            bytecode.files.push(path);
            bytecode.units[i].get_or_insert((file, unit));
        }
    }
    (bytecode, problems)
}

/// The units of a file of bytecode; none where it does not exist.
fn read(path: &Path) -> Result<Vec<CmaUnit>, String> {
    match read_regular(path, MAX_BYTES) {
        Ok(bytes) => read_cma(&bytes).map_err(|error| format!("cannot read the archive: {error}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("cannot read the archive: {error}")),
    }
}

/// Where a build may have left the bytecode of a unit outside archives: beside its native object file (dune keeps it in a directory
/// of its own), else beside its source, where it is not older than that.
fn own_files(project: &Project, unit: UnitId) -> Vec<PathBuf> {
    let unit = project.unit(unit);
    if let Some(object) = &unit.object {
        let dune = object.parent().and_then(Path::parent).map(|dir| dir.join("byte"));
        let dirs = [object.parent().map(Path::to_path_buf), dune];
        let stem = object.file_stem().unwrap_or_default();
        return dirs.into_iter().flatten().map(|dir| dir.join(stem).with_extension("cmo")).collect();
    }
    let is_own = project.library(unit.library).origin == LibraryOrigin::Program;
    let source = unit.implementation().filter(|_| is_own).map(|file| project.file(file).path.clone());
    let modified = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let fresh = |source: PathBuf| {
        let file = source.with_extension("cmo");
        let is_fresh =
            modified(&file).is_some_and(|built| modified(&source).is_some_and(|written| written <= built));
        is_fresh.then_some(file)
    };
    source.and_then(fresh).into_iter().collect()
}

impl Bytecode {
    /// Returns what the archive of a unit says.
    fn unit(&self, unit: UnitId) -> Option<&CmaUnit> {
        self.units.get(unit.idx())?.as_ref().map(|(_, unit)| unit)
    }

    /// Returns a unit with the file that holds its instructions.
    pub(super) fn file(&self, unit: UnitId) -> Option<(&Path, &CmaUnit)> {
        let (file, unit) = self.units.get(unit.idx())?.as_ref()?;
        Some((&self.files[*file], unit))
    }

    /// Returns the program that some units make, without debugging events, as far as their bytecode is at hand: something to
    /// compress.
    #[must_use]
    pub fn image(&self, project: &Project, linked: &[UnitId]) -> Vec<u8> {
        super::byte_image::image(self, project, linked)
    }
}

/// Bytecode to native code, over the units that have both.
struct Ratios {
    code: f64,
    constants: f64,
    debug: f64,
}

impl Ratios {
    fn of(native: &Sizes, bytecode: &Bytecode) -> Ratios {
        let mut sums = [0u64; 5];
        for id in (0..bytecode.units.len()).map(UnitId::new) {
            if let (Some(unit), Some((anatomy, Provenance::Measured))) =
                (bytecode.unit(id), native.anatomy(id))
            {
                let constants = unit.constants.len() as u64;
                let both = [anatomy.text, anatomy.data, unit.code, constants, unit.debug];
                sums.iter_mut().zip(both).for_each(|(sum, n)| *sum += n);
            }
        }
        let [text, data, code, constants, debug] = sums.map(|sum| sum as f64);
        let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Ratios { code: ratio(code, text), constants: ratio(constants, data), debug: ratio(debug, text) }
    }
}

/// Returns the sizes of a project in bytecode, from those in native code.
#[must_use]
pub fn bytecode_sizes(project: &Project, native: &Sizes, bytecode: Bytecode) -> Sizes {
    let ratios = Ratios::of(native, &bytecode);
    let mut sizes = native.convert(|unit, anatomy, defs, fixed| {
        let (bytes, provenance) = match bytecode.unit(unit) {
            Some(unit) => (measured(unit), Provenance::Measured),
            None => (estimated(anatomy, &ratios), Provenance::Estimated),
        };
        let weight = |part: &Anatomy| part.text + part.data + part.frametable;
        let whole: u64 = defs.iter().map(weight).sum::<u64>() + weight(fixed);
        let share = |part: &Anatomy| scaled(&bytes, weight(part), whole);
        let defs: Vec<Bytes> = defs.iter().map(share).collect();
        // What rounding leaves belongs to the unit itself.
        let fixed = bytes - defs.iter().copied().sum();
        let unit_name = project.unit(unit).name;
        let startup = Bytes {
            data: 1,
            dynsym: symbol_len(unit_name, 100) + import_len(unit_name, true),
            debug: if bytes.debug > 0 { 4 } else { 0 },
            ..Bytes::default()
        };
        let alloc = (bytes + startup).alloc();
        // The ratio of one unit strays from that of all by about a third.
        let off = if provenance == Provenance::Measured { 0 } else { bytes.alloc() / 3 };
        let figure = UnitFigure {
            object: bytes,
            fixed,
            startup,
            provenance,
            interval: (alloc - off, alloc + off),
            placed_per_mille: 0,
        };
        (figure, defs)
    });
    sizes.profile = Profile::Bytecode;
    sizes.bytecode = Some(bytecode);
    sizes
}

fn measured(unit: &CmaUnit) -> Bytes {
    Bytes { code: unit.code, data: unit.constants.len() as u64, debug: unit.debug, ..Bytes::default() }
}

fn estimated(anatomy: &Anatomy, ratios: &Ratios) -> Bytes {
    let times = |n: u64, ratio: f64| (n as f64 * ratio).round() as u64;
    Bytes {
        code: times(anatomy.text, ratios.code),
        data: times(anatomy.data, ratios.constants),
        debug: times(anatomy.text, ratios.debug),
        ..Bytes::default()
    }
}

/// The part of some bytes that falls to `part` of `whole`.
fn scaled(bytes: &Bytes, part: u64, whole: u64) -> Bytes {
    let share =
        |n: u64| (u128::from(n) * u128::from(part)).checked_div(u128::from(whole)).unwrap_or(0) as u64;
    Bytes { code: share(bytes.code), data: share(bytes.data), debug: share(bytes.debug), ..Bytes::default() }
}

/// An entry of `SYMB`: a node of a balanced tree with the unit and its slot.
fn symbol_len(unit: Name, slot: u64) -> u64 {
    let number = if slot < 64 { 1 } else { 2 + u64::from(slot >= 128) };
    5 + marshalled_string_len(unit.len()) + number
}

/// An entry of `CRCS`: a list cell, a pair, the name, and the digest where there is one.
fn import_len(unit: Name, has_digest: bool) -> u64 {
    2 + marshalled_string_len(unit.len()) + if has_digest { 18 } else { 1 }
}

/// Predicts a bytecode program: its linked units in link order, and the libraries on its command line.
///
/// `alloc` and `stripped` are the file without debugging events, `unstripped` is the whole file. The runtime (`ocamlrun`) is not part of
/// the file.
pub(super) fn predict_bytecode(
    project: &Project,
    sizes: &Sizes,
    objects: &Objects,
    bytecode: &Bytecode,
    linked: &[UnitId],
    libraries: &[LibraryId],
) -> ProgramSize {
    let figures = || linked.iter().filter_map(|&unit| sizes.unit(unit));
    let bytes: Bytes = figures().map(|figure| figure.object).sum();
    let is_measured = figures().count() == linked.len()
        && figures().all(|figure| figure.provenance == Provenance::Measured)
        && !bytecode.runtime.primitives.is_empty();
    let mut primitives: BTreeSet<Name> = BTreeSet::new();
    let mut imports: BTreeMap<Name, bool> = BTreeMap::new();
    for unit in linked.iter().filter_map(|&unit| bytecode.unit(unit)) {
        primitives.extend(unit.primitives.iter().filter(|&&symbol| !bytecode.runtime.has(symbol)));
        for (import, digest) in &unit.imports {
            *imports.entry(*import).or_default() |= digest.is_some();
        }
    }
    for &unit in linked.iter().filter(|&&unit| bytecode.unit(unit).is_none()) {
        imports.insert(project.unit(unit).name, true);
        // What was compiled to native code only has read the same interfaces.
        if let Some(native) = objects.link.get(unit.idx()).and_then(Option::as_ref) {
            for (&import, &has_digest) in native.imports_cmi.iter().zip(&native.has_cmi_digest) {
                *imports.entry(import).or_default() |= has_digest;
            }
        }
    }
    let len = |symbol: &Name| symbol.len() as u64 + 1;
    let builtins = match &bytecode.runtime.primitives[..] {
        [] => file::PRIMITIVES,
        known => known.iter().map(len).sum(),
    };
    let with_symbols = linked.iter().enumerate();
    let n_stubs: u64 = libraries.iter().filter_map(|library| objects.shared_stubs(*library)).sum();
    let sections = BTreeMap::from([
        ("CODE", bytes.code + file::STOP),
        ("DLLS", n_stubs),
        ("PRIM", builtins + primitives.iter().map(len).sum::<u64>()),
        ("DATA", file::DATA + linked.len() as u64 + bytes.data),
        (
            "SYMB",
            file::SYMBOLS
                + with_symbols
                    .map(|(at, &unit)| symbol_len(project.unit(unit).name, file::PREDEFINED + at as u64))
                    .sum::<u64>(),
        ),
        (
            "CRCS",
            file::IMPORTS
                + imports.iter().map(|(&import, &has_digest)| import_len(import, has_digest)).sum::<u64>(),
        ),
        ("DBUG", if bytes.debug > 0 { 4 + bytes.debug + 4 * linked.len() as u64 } else { 0 }),
    ]);
    let launcher = match bytecode.runtime.launcher.len() {
        0 => file::LAUNCHER,
        n_bytes => n_bytes as u64,
    };
    let around = launcher + file::TRAILER + 8 * file::N_SECTIONS;
    let unstripped = around + sections.values().sum::<u64>();
    // `ocamlstrip` takes the section and its entry in the table away.
    let debug = sections["DBUG"];
    let stripped = unstripped - debug - if debug > 0 { 8 } else { 0 };
    let units: u64 = figures().map(|figure| figure.bytes().alloc()).sum();
    ProgramSize {
        alloc: stripped,
        stripped,
        without_debug: stripped,
        unstripped,
        units,
        stubs: 0,
        runtime: stripped.saturating_sub(units),
        provenance: Some(if is_measured { Provenance::Measured } else { Provenance::Estimated }),
        sections,
    }
}

/// What every bytecode program has: measured on the empty program (OCaml 4.13.1).
mod file {
    /// `#!/usr/bin/ocamlrun`, with its end of line, where nothing tells of another.
    pub(super) const LAUNCHER: u64 = 20;
    /// The number of sections, and the magic.
    pub(super) const TRAILER: u64 = 16;
    /// CODE, DLPT, DLLS, PRIM, DATA, SYMB, CRCS, DBUG.
    pub(super) const N_SECTIONS: u64 = 8;
    /// Names of the C functions of the runtime, which are listed used or not, where it is not installed (OCaml 4.13.1).
    pub(super) const PRIMITIVES: u64 = 7817;
    /// The last instruction.
    pub(super) const STOP: u64 = 4;
    /// Predefined exceptions, which have the first slots.
    pub(super) const PREDEFINED: u64 = 12;
    /// The head of the table of globals and the predefined exceptions.
    pub(super) const DATA: u64 = 278;
    /// The head of the map and the predefined exceptions.
    pub(super) const SYMBOLS: u64 = 264;
    /// The head of the list.
    pub(super) const IMPORTS: u64 = 21;
}
