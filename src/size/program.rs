//! How large a program will be: its units, and all that is in an executable besides.
//!
//! Takes the linked units of a program and the object files at hand, gives [`ProgramSize`]: the executable section by
//! section, as the GNU linker would write it for `ocamlfind ocamlopt` on Linux (position-independent, symbols exported).
//! Phases: the units' own bytes; the start-up object; the C runtime and the stubs of libraries, taken object by object as
//! the linker takes them; then what the linker makes for the whole: tables of imports, hash table, merged constants,
//! headers. Left out on purpose: which versions of glibc's symbols are imported (16 bytes each).

use super::bytecode::predict_bytecode;
use super::c_library::Resolution;
use super::c_object::{CObject, Mergeable, Stack, Use};
use super::layout::{Lengths, Sections};
use super::objects::{CInput, Objects, RUNTIME_NEEDS};
use super::{Anatomy, LinkMode, Provenance, Sizes, startup};
use crate::base::{Idx, LibraryId, Name, UnitId, name};
use crate::project::Project;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How large an executable will be.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProgramSize {
    /// Sum of the allocated sections without `.bss`.
    pub alloc: u64,
    /// Length of the stripped file.
    pub stripped: u64,
    /// Length of the file without its debug sections (`strip -g`).
    pub without_debug: u64,
    /// Length of the file as linked.
    pub unstripped: u64,
    /// The part of `alloc` that its OCaml units are, their entries in start-up tables included.
    pub units: u64,
    /// The part of `alloc` that is C code of libraries.
    pub stubs: u64,
    /// The part of `alloc` that is there whatever is linked: the C runtime, start-up code, tables of imports, headers.
    pub runtime: u64,
    /// Whether all units and the runtime were measured.
    pub provenance: Option<Provenance>,
    /// Predicted sections by name, those with content.
    pub sections: BTreeMap<&'static str, u64>,
}

/// Predicts the executable of a program: its linked units in link order, and the libraries on its command line.
///
/// Linked as the profile of `sizes` says.
#[must_use]
pub fn predict(
    project: &Project,
    sizes: &Sizes,
    objects: &Objects,
    linked: &[UnitId],
    libraries: &[LibraryId],
) -> ProgramSize {
    match (&sizes.bytecode, LinkMode::of(sizes.profile)) {
        (Some(bytecode), _) => predict_bytecode(project, sizes, objects, bytecode, linked, libraries),
        (None, mode) => {
            predict_in(project, sizes, objects, linked, libraries, mode.unwrap_or(LinkMode::DEFAULT))
        }
    }
}

/// Predicts the executable of a program that is linked in a certain way, whatever the profile of `sizes`.
///
/// Checked against the linker for every mode. A static one counts as estimated where the system's static C library is not
/// installed: then it is missing from the figure.
#[must_use]
pub fn predict_in(
    project: &Project,
    sizes: &Sizes,
    objects: &Objects,
    linked: &[UnitId],
    libraries: &[LibraryId],
    mode: LinkMode,
) -> ProgramSize {
    let mut layout = Layout::default();
    let mut provenance = Provenance::Measured;
    for &unit in linked {
        match sizes.anatomy(unit) {
            Some((anatomy, unit_provenance)) => {
                layout.units += anatomy;
                provenance = provenance.max(unit_provenance);
            }
            None => provenance = Provenance::Estimated,
        }
        layout.units += startup::unit_share(project.unit(unit).name.as_str());
        if let Some(size) = objects.unit(unit) {
            layout.merge(&size.link.mergeable);
            layout.counted_merges += size.link.mergeable.iter().map(counted_in_units).sum::<u64>();
            layout.shared_debug.extend(size.shared_debug_strings.iter().copied());
            layout.want(&size.link.uses);
        }
    }
    let link =
        |&unit: &UnitId| (project.unit(unit).name, objects.link.get(unit.idx()).and_then(Option::as_ref));
    layout.common = startup::common(&linked.iter().map(link).collect::<Vec<_>>(), objects.has_fibers());
    if !layout.link_c(objects, libraries, mode) {
        provenance = Provenance::Estimated;
    }
    layout.finish(mode, provenance)
}

/// Bytes of a mergeable constant that [`Anatomy::rodata`] of an OCaml unit holds.
fn counted_in_units(part: &Mergeable) -> u64 {
    if part.section == name(".rodata.cst16") { 0 } else { part.content.len() as u64 }
}

/// An executable, being put together.
#[derive(Default)]
struct Layout<'a> {
    units: Anatomy,
    common: Anatomy,
    runtime: Anatomy,
    stubs: Anatomy,
    /// Exported symbols of the stubs: part of what they cost.
    stubs_symbols: Anatomy,
    /// Read-only tables and data of the stubs.
    stubs_tables: u64,
    /// Read-only tables and data of C code.
    rodata: Stack,
    data: Stack,
    relro: u64,
    /// Symbols of C code that the executable exports, and the others.
    exported: Vec<Name>,
    locals: Vec<Name>,
    /// Mergeable parts, one of each.
    merged: FxHashSet<&'a Mergeable>,
    /// Bytes of mergeable parts that units have counted already.
    counted_merges: u64,
    shared_debug: FxHashSet<Name>,
    common_unwind: FxHashSet<&'a [u8]>,
    uses: FxHashMap<Name, Use>,
    resolution: Resolution<'a>,
    /// Imports from shared libraries.
    imports: Vec<Name>,
    n_shared: u64,
}

impl<'a> Layout<'a> {
    fn merge(&mut self, parts: &'a [Mergeable]) {
        self.merged.extend(parts);
    }

    /// Notes what an object file needs, and how.
    fn want(&mut self, uses: &[(Name, Use)]) {
        for &(symbol, usage) in uses {
            let all = self.uses.entry(symbol).or_insert(Use { is_weak: true, ..Use::default() });
            all.by_call |= usage.by_call;
            all.by_table |= usage.by_table;
            all.keeps_table |= usage.keeps_table;
            all.in_place |= usage.in_place;
            all.is_weak &= usage.is_weak;
            if !usage.is_weak {
                self.resolution.want(symbol);
            }
        }
    }

    /// Takes the C objects that are needed. Returns whether there is a runtime to take them from.
    fn link_c(&mut self, objects: &'a Objects, libraries: &[LibraryId], mode: LinkMode) -> bool {
        self.resolution.want(name("main"));
        // `caml_program` counts there what has been initialised.
        self.resolution.want(name("caml_globals_inited"));
        let mut n_stubs = 0;
        let system = objects.system.as_ref().filter(|_| mode.is_static);
        let named =
            |library: &Name| system.and_then(|system| system.named.get(library)).into_iter().flatten();
        for input in objects.c_inputs_of(libraries) {
            match input {
                CInput::Static(index) => {
                    if Some(index) == objects.runtime {
                        n_stubs = self.resolution.taken.len();
                    }
                    self.resolution.scan(&objects.c_libraries[index]);
                }
                CInput::Shared(library) => {
                    self.n_shared += 1;
                    named(&library).for_each(|archive| self.resolution.scan(archive));
                }
            }
        }
        if let Some(system) = system {
            RUNTIME_NEEDS.map(name).iter().flat_map(named).for_each(|archive| self.resolution.scan(archive));
            system::START_UP.iter().for_each(|symbol| self.resolution.want(name(symbol)));
            self.resolution.scan_group(&system.group);
        }
        let taken = std::mem::take(&mut self.resolution.taken);
        for (i, object) in taken.into_iter().enumerate() {
            let is_stub = i < n_stubs;
            let CObject { anatomy, aligns, relro, .. } = object;
            // Tables and data are laid out with the padding that their alignment asks for.
            let padded = Anatomy { rodata: 0, data: 0, ..*anatomy };
            *(if is_stub { &mut self.stubs } else { &mut self.runtime }) += padded;
            self.rodata.push(anatomy.rodata, aligns.0);
            self.data.push(anatomy.data - relro, aligns.1);
            self.relro += relro;
            for &(symbol, is_exported) in &object.defines {
                if is_stub {
                    self.stubs_symbols.add_symbol(symbol.as_str(), is_exported);
                }
                (if is_exported { &mut self.exported } else { &mut self.locals }).push(symbol);
            }
            if is_stub {
                self.stubs_tables += anatomy.rodata + anatomy.data;
            }
            self.locals.extend(&object.locals);
            self.merge(&object.mergeable);
            self.common_unwind.extend(object.common_unwind.iter().map(Vec::as_slice));
            self.shared_debug.extend(object.debug_strings.iter().copied());
            self.want(&object.uses);
        }
        self.imports = self.resolution.imports().filter(|symbol| !is_of_startup(symbol.as_str())).collect();
        objects.runtime.is_some() && mode.is_static == system.is_some()
    }

    /// Adds up sections.
    fn finish(self, mode: LinkMode, provenance: Provenance) -> ProgramSize {
        let all = self.units + self.common + self.runtime + self.stubs;
        let merged = merged_len(self.merged.iter().copied());
        let imports = Imports::count(&self.imports, &self.uses, &self.resolution.defined);
        let system = system::of(mode);
        let n_exports =
            if mode.exports { all.globals + self.exported.len() as u64 + system::EXPORTS } else { 3 }
                - u64::from(!mode.is_pie);
        let n_imports = self.imports.len() as u64 + system.weak_imports;
        let dynamic_names = |all_exports: bool| {
            let exported = self.exported.iter().filter(move |_| all_exports);
            exported.chain(&self.imports).map(|symbol| symbol.as_str())
        };
        let locals = dynamic_names(true).chain(self.locals.iter().map(|symbol| symbol.as_str()));
        let common_unwind: u64 = self.common_unwind.iter().map(|entry| entry.len() as u64).sum();
        let unexported = if mode.exports { (0, 0) } else { system::UNEXPORTED };
        let n_symbols = 1 + n_exports + n_imports - unexported.0;
        let if_dynamic = |n_bytes: u64| if mode.is_static { 0 } else { n_bytes };
        let pointers =
            if mode.is_pie { all.pointers + system::RELOCATIONS } else { system::FIXED_RELOCATIONS };
        let exported_names = if mode.exports { all.global_names } else { 0 };
        let shared_debug = names_len(self.shared_debug.iter().map(|text| text.as_str()));
        let n_c_symbols = (self.exported.len() + self.locals.len()) as u64;
        let sections = Sections {
            gnu_hash: if_dynamic(gnu_hash_len(n_exports)),
            dynsym: if_dynamic(24 * n_symbols),
            dynstr: if_dynamic(
                exported_names + names_len(dynamic_names(mode.exports)) + system.dynamic_names - unexported.1,
            ),
            gnu_version: if_dynamic(2 * n_symbols),
            gnu_version_r: if_dynamic(system::VERSIONS),
            rela_dyn: if_dynamic(24 * (pointers + imports.table + imports.copied)),
            rela_plt: if_dynamic(24 * imports.called),
            plt: if_dynamic(16 * (imports.called + 1)),
            plt_got: if_dynamic(8 * (imports.called_by_table + u64::from(mode.is_pie))),
            text: all.text + system::TEXT,
            rodata: all.rodata + self.rodata.len + merged - self.counted_merges.min(all.rodata)
                + system::RODATA,
            eh_frame_hdr: if_dynamic(12 + 8 * (all.fdes + system::FDES)),
            eh_frame: all.fde_bytes + common_unwind + system.eh_frame,
            data_rel_ro: self.relro,
            dynamic: if_dynamic(512 + 16 * self.n_shared),
            got: if_dynamic(8 * (3 + imports.called + imports.table + system.got)),
            data: all.data + all.frametable + self.data.len + system::DATA,
            debug: all.debug + shared_debug,
            n_debug_sections: if all.debug > 0 { 6 } else { 0 },
            symtab: 24 * (all.symbols + n_c_symbols + n_imports + system::SYMBOLS),
            strtab: all.symbol_names
                + names_len(locals)
                + system::VERSION_SUFFIX * n_imports
                + system.symbol_names,
        };
        let Lengths { alloc, stripped, without_debug, unstripped } = sections.lay_out();
        let (units, stubs) = (self.units.bytes_in(mode).alloc(), self.stubs_len(mode));
        ProgramSize {
            alloc,
            stripped,
            without_debug,
            unstripped,
            units,
            stubs,
            runtime: alloc.saturating_sub(units + stubs),
            provenance: Some(provenance),
            sections: sections
                .named()
                .into_iter()
                .chain(sections.unallocated())
                .filter(|&(_, n)| n > 0)
                .collect(),
        }
    }

    fn stubs_len(&self, mode: LinkMode) -> u64 {
        (self.stubs + self.stubs_symbols).bytes_in(mode).alloc() + self.stubs_tables
    }
}

/// Whether the start-up object defines a symbol, or some OCaml unit does.
fn is_of_startup(symbol: &str) -> bool {
    let Some(rest) = symbol.strip_prefix("caml") else { return false };
    let own = ["_startup__", "_curry", "_apply", "_send", "_tuplify", "_exn_"];
    let tables = ["_program", "_globals", "_globals_map", "_data_segments", "_code_segments", "_frametable"];
    rest.starts_with(|first: char| first.is_ascii_uppercase())
        || own.iter().any(|own| rest.starts_with(own))
        || tables.contains(&rest)
}

/// What imports cost.
#[derive(Default)]
struct Imports {
    /// Called: an entry of the linkage table each.
    called: u64,
    /// Called through the offset table as well.
    called_by_table: u64,
    /// Entries of the offset table besides.
    table: u64,
    /// Variables that are copied.
    copied: u64,
}

impl Imports {
    fn count(imports: &[Name], uses: &FxHashMap<Name, Use>, defined: &FxHashSet<Name>) -> Imports {
        let mut counts = Imports::default();
        for symbol in imports {
            let usage = uses.get(symbol).copied().unwrap_or_default();
            match (usage.by_call, usage.by_table) {
                (true, true) => {
                    counts.called_by_table += 1;
                    counts.table += 1;
                }
                (true, false) => counts.called += 1,
                (false, true) => counts.table += 1,
                (false, false) => counts.copied += u64::from(usage.in_place),
            }
        }
        let is_own = |symbol: &str| defined.contains(&name(symbol)) || is_of_startup(symbol);
        counts.table +=
            uses.iter().filter(|(symbol, usage)| usage.keeps_table && is_own(symbol.as_str())).count() as u64;
        counts
    }
}

/// Returns the length of mergeable parts, one of each: a string that ends another shares its bytes.
fn merged_len<'a>(parts: impl Iterator<Item = &'a Mergeable>) -> u64 {
    let mut by_section: BTreeMap<Name, Vec<&[u8]>> = BTreeMap::new();
    for part in parts {
        by_section.entry(part.section).or_default().push(&part.content);
    }
    let of_section = |(section, parts): (Name, Vec<&[u8]>)| {
        if section.contains("str") {
            // `.rodata.str1.8`: the number behind the dot is the alignment.
            let align = section.rsplit('.').next().and_then(|digits| digits.parse().ok()).unwrap_or(1);
            tails_len(parts, u64::clamp(align, 1, 64))
        } else {
            parts.iter().map(|part| part.len() as u64).sum()
        }
    };
    by_section.into_iter().map(of_section).sum()
}

/// Returns the length of a table of names, each with its end, in which one that ends another shares its bytes.
fn names_len<'a>(names: impl Iterator<Item = &'a str>) -> u64 {
    let mut reversed: Vec<Vec<u8>> =
        names.filter(|name| !name.is_empty()).map(|name| name.bytes().rev().collect()).collect();
    reversed.sort_unstable();
    own_strings(&reversed).map(|name| name.len() as u64 + 1).sum()
}

/// Returns the length of strings of which one that ends another shares its bytes.
fn tails_len(strings: Vec<&[u8]>, align: u64) -> u64 {
    let mut reversed: Vec<Vec<u8>> =
        strings.iter().map(|text| text.iter().rev().copied().collect()).collect();
    reversed.sort_unstable();
    let own = own_strings(&reversed);
    own.map(|text| (text.len() as u64).next_multiple_of(align)).sum()
}

/// Of sorted, reversed strings, returns those that no other one starts with.
fn own_strings(reversed: &[Vec<u8>]) -> impl Iterator<Item = &Vec<u8>> {
    let next = reversed.iter().skip(1).map(Some).chain([None]);
    let pairs = reversed.iter().zip(next);
    pairs.filter(|(text, next)| !next.is_some_and(|next| next.starts_with(text))).map(|(text, _)| text)
}

/// Returns the length of `.gnu.hash` for a number of exported symbols.
///
/// **Source**: `bfd/elflink.c` of binutils 2.40: a header of four words, a filter, buckets, and a word per symbol.
fn gnu_hash_len(n_exports: u64) -> u64 {
    const BUCKETS: [u64; 16] =
        [1, 3, 17, 37, 67, 97, 131, 197, 263, 521, 1031, 2053, 4099, 8209, 16411, 32771];
    if n_exports == 0 {
        return 28;
    }
    let n_buckets = BUCKETS.into_iter().rev().find(|&n| n == 1 || n < n_exports).unwrap_or(1);
    let mut mask_bits_log2 = u64::from(n_exports.ilog2()) + 1;
    if mask_bits_log2 < 3 {
        mask_bits_log2 = 5;
    } else if (1 << (mask_bits_log2 - 2)) & n_exports != 0 {
        mask_bits_log2 += 3;
    } else {
        mask_bits_log2 += 2;
    }
    let filter = (1u64 << mask_bits_log2.max(6)) / 8;
    16 + filter + 4 * (n_buckets + n_exports)
}

/// What the C compiler adds to every executable (`Scrt1.o`, `crti.o`, `crtbeginS.o`..), and the linker's own: measured as
/// what the empty program has and nobody else explains (gcc 12.2, binutils 2.40, glibc 2.36, amd64).
mod system {
    use super::LinkMode;

    /// What depends on the mode: other start-up files are taken (`Scrt1.o` or `crt1.o`, `crtbeginS.o` or `crtbegin.o`).
    pub(super) struct System {
        pub(super) weak_imports: u64,
        pub(super) dynamic_names: u64,
        pub(super) eh_frame: u64,
        pub(super) got: u64,
        pub(super) symbol_names: u64,
    }

    /// Returns the constants of a mode.
    pub(super) fn of(mode: LinkMode) -> System {
        if mode.is_pie {
            System { weak_imports: 5, dynamic_names: 240, eh_frame: 106, got: 5, symbol_names: 859 }
        } else {
            System { weak_imports: 3, dynamic_names: 171, eh_frame: 98, got: 2, symbol_names: 801 }
        }
    }

    /// What the start-up files of a static program ask for.
    pub(super) const START_UP: [&str; 1] = ["__libc_start_main"];
    /// Relocations that a program at a fixed address has besides those of imports.
    pub(super) const FIXED_RELOCATIONS: u64 = 20;
    /// Start-up symbols, and bytes of their names, that are in the table of dynamic symbols only where all are.
    pub(super) const UNEXPORTED: (u64, u64) = (4, 19);
    pub(super) const TEXT: u64 = 241;
    pub(super) const RODATA: u64 = 105;
    pub(super) const DATA: u64 = 21;
    pub(super) const FDES: u64 = 3;
    pub(super) const EXPORTS: u64 = 5;
    pub(super) const RELOCATIONS: u64 = 8;
    /// Versions of glibc's symbols: 16 bytes each and for each library; programs with C stubs may have a few more.
    pub(super) const VERSIONS: u64 = 224;
    pub(super) const SYMBOLS: u64 = 56;
    /// What the name of an import has behind it in the symbol table: `@GLIBC_2.2.5`.
    pub(super) const VERSION_SUFFIX: u64 = 12;
}
