//! How large a program will be: its units, and all that is in an executable besides.
//!
//! Takes the linked units of a program and the object files at hand, gives [`ProgramSize`]: the executable section by
//! section, as the GNU linker would write it for `ocamlfind ocamlopt` on Linux (position-independent, symbols exported).
//! Phases: the units' own bytes; the start-up object; the C runtime and the stubs of libraries, taken object by object as
//! the linker takes them; then what the linker makes for the whole: tables of imports, hash table, merged constants,
//! headers. Left out on purpose: which versions of glibc's symbols are imported (16 bytes each).

use super::bytecode::predict_bytecode;
use super::c_object::Mergeable;
use super::c_side::{CSide, CWants, KnownSides};
use super::layout::{Lengths, Sections};
use super::objects::Objects;
use super::{Anatomy, LinkMode, Provenance, Sizes, startup};
use crate::base::{Idx, LibraryId, Name, UnitId, name};
use crate::project::Project;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    predict_knowing(project, sizes, objects, linked, libraries, &KnownSides::default())
}

/// [`predict`], many times: the C side is worked out once for all programs that ask for the same of it.
#[must_use]
pub fn predict_knowing(
    project: &Project,
    sizes: &Sizes,
    objects: &Objects,
    linked: &[UnitId],
    libraries: &[LibraryId],
    known: &KnownSides,
) -> ProgramSize {
    match (&sizes.bytecode, LinkMode::of(sizes.profile)) {
        (Some(bytecode), _) => predict_bytecode(project, sizes, objects, bytecode, linked, libraries),
        (None, mode) => {
            let mode = mode.unwrap_or(LinkMode::DEFAULT);
            predict_mode(project, sizes, objects, linked, libraries, mode, known)
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
    predict_mode(project, sizes, objects, linked, libraries, mode, &KnownSides::default())
}

fn predict_mode(
    project: &Project,
    sizes: &Sizes,
    objects: &Objects,
    linked: &[UnitId],
    libraries: &[LibraryId],
    mode: LinkMode,
    known: &KnownSides,
) -> ProgramSize {
    let is_asked = !mode.is_static && objects.exporter(libraries).is_some();
    let mode = LinkMode { exports: mode.exports || is_asked, ..mode };
    let uses = linked.iter().filter_map(|&unit| objects.unit(unit)).map(|size| size.link.uses.as_slice());
    let mut layout = Layout::new(known.of(objects, CWants::new(uses, objects.c_inputs_of(libraries), mode)));
    let mut provenance = Provenance::Measured;
    for &unit in linked {
        match sizes.anatomy(unit) {
            Some((anatomy, unit_provenance)) => {
                layout.units += anatomy + startup::unit_share(project.unit(unit));
                provenance = provenance.max(unit_provenance);
            }
            // What is not known at all is in no figure.
            None => provenance = Provenance::Estimated,
        }
        if let Some(size) = objects.unit(unit) {
            layout.merged.extend(&size.link.mergeable);
            layout.counted_merges += size.link.mergeable.iter().map(counted_in_units).sum::<u64>();
            layout.shared_debug.extend(size.shared_debug_strings.iter().copied());
        }
    }
    let link = |&unit: &UnitId| (project.unit(unit), objects.link.get(unit.idx()).and_then(Option::as_ref));
    layout.common = startup::common(&linked.iter().map(link).collect::<Vec<_>>(), objects.has_fibers());
    if !layout.c.is_complete {
        provenance = Provenance::Estimated;
    }
    layout.finish(mode, provenance)
}

/// Bytes of a mergeable constant that [`Anatomy::rodata`] of an OCaml unit holds.
pub(super) fn counted_in_units(part: &Mergeable) -> u64 {
    if part.section == name(".rodata.cst16") { 0 } else { part.content.len() as u64 }
}

/// An executable, being put together.
struct Layout<'a> {
    units: Anatomy,
    common: Anatomy,
    /// Mergeable parts of the units, one of each.
    merged: FxHashSet<&'a Mergeable>,
    /// Bytes of mergeable parts that units have counted already.
    counted_merges: u64,
    shared_debug: FxHashSet<Name>,
    c: Arc<CSide>,
}

impl<'a> Layout<'a> {
    fn new(c: Arc<CSide>) -> Self {
        Layout {
            units: Anatomy::default(),
            common: Anatomy::default(),
            merged: FxHashSet::default(),
            counted_merges: 0,
            shared_debug: FxHashSet::default(),
            c,
        }
    }

    /// Adds up sections.
    fn finish(self, mode: LinkMode, provenance: Provenance) -> ProgramSize {
        let c = &*self.c;
        let merged = c.merged.len_with(&self.merged);
        let shared_debug = c.debug_strings.len_with(self.shared_debug.iter().copied());
        let sections =
            sections(c, self.units, self.common, (merged, self.counted_merges), shared_debug, mode);
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
        (self.c.stubs + self.c.stubs_symbols).bytes_in(mode).alloc() + self.c.stubs_tables
    }
}

/// Adds up sections. `merged` are the bytes of all mergeable parts, and those of the units that are counted as theirs already.
pub(super) fn sections(
    c: &CSide,
    units: Anatomy,
    common: Anatomy,
    (merged, counted_merges): (u64, u64),
    shared_debug: u64,
    mode: LinkMode,
) -> Sections {
    let all = units + common + c.runtime + c.stubs;
    let imports = c.imports;
    let system = system::of(mode);
    let n_exports = if mode.exports { all.globals + c.n_exported + system::EXPORTS } else { 0 };
    let n_imports = c.n_imports + system.weak_imports;
    let n_symbols = 1 + n_exports + n_imports;
    let unexported_names = if mode.exports { 0 } else { system::UNEXPORTED_NAMES };
    // Of imports those that are copied, and those that are called through the offset table, as `__cxa_finalize` is.
    let n_hashed = n_exports + imports.copied + imports.called_by_table + u64::from(mode.is_pie);
    let if_dynamic = |n_bytes: u64| if mode.is_static { 0 } else { n_bytes };
    let pointers = if mode.is_pie { all.pointers + system::RELOCATIONS } else { system::FIXED_RELOCATIONS };
    let exported_names = if mode.exports { all.global_names } else { 0 };
    let n_c_symbols = c.n_exported + c.n_locals;
    Sections {
        gnu_hash: if_dynamic(gnu_hash_len(n_hashed)),
        dynsym: if_dynamic(24 * n_symbols),
        dynstr: if_dynamic(exported_names + c.dynamic_names + system.dynamic_names - unexported_names),
        gnu_version: if_dynamic(2 * n_symbols),
        gnu_version_r: if_dynamic(system::VERSIONS),
        rela_dyn: if_dynamic(24 * (pointers + imports.table + imports.copied)),
        rela_plt: if_dynamic(24 * imports.called),
        plt: if_dynamic(16 * (imports.called + 1)),
        plt_got: if_dynamic(8 * (imports.called_by_table + u64::from(mode.is_pie))),
        text: all.text + system::TEXT,
        rodata: all.rodata + c.rodata.len + merged - counted_merges.min(all.rodata) + system::RODATA,
        eh_frame_hdr: if_dynamic(12 + 8 * (all.fdes + system::FDES)),
        eh_frame: all.fde_bytes + c.common_unwind + system.eh_frame,
        data_rel_ro: c.relro,
        dynamic: if_dynamic(512 + 16 * c.n_shared),
        got: if_dynamic(8 * (3 + imports.called + imports.table + system.got)),
        data: all.data + all.frametable + c.data.len + system::DATA,
        debug: all.debug + shared_debug,
        n_debug_sections: if all.debug > 0 { 6 } else { 0 },
        symtab: 24 * (all.symbols + n_c_symbols + n_imports + system.symbols),
        strtab: all.symbol_names + c.all_names + system::VERSION_SUFFIX * n_imports + system.symbol_names,
    }
}

/// Whether the start-up object defines a symbol, or some OCaml unit does.
pub(super) fn is_of_startup(symbol: &str) -> bool {
    let Some(rest) = symbol.strip_prefix("caml") else { return false };
    let own = ["_startup__", "_curry", "_apply", "_send", "_tuplify", "_exn_"];
    let tables = ["_program", "_globals", "_globals_map", "_data_segments", "_code_segments", "_frametable"];
    rest.starts_with(|first: char| first.is_ascii_uppercase())
        || own.iter().any(|own| rest.starts_with(own))
        || tables.contains(&rest)
}

/// Returns the length of `.gnu.hash` for a number of symbols that it finds.
///
/// **Source**: `bfd/elflink.c` of binutils 2.40: a header of four words, a filter, buckets, and a word per symbol.
fn gnu_hash_len(n_hashed: u64) -> u64 {
    const BUCKETS: [u64; 16] =
        [2, 3, 17, 37, 67, 97, 131, 197, 263, 521, 1031, 2053, 4099, 8209, 16411, 32771];
    if n_hashed == 0 {
        return 28;
    }
    let n_buckets = BUCKETS.into_iter().rev().find(|&n| n <= n_hashed).unwrap_or(2);
    let mut mask_bits_log2 = u64::from(n_hashed.ilog2()) + 1;
    if mask_bits_log2 < 3 {
        mask_bits_log2 = 5;
    } else if (1 << (mask_bits_log2 - 2)) & n_hashed != 0 {
        mask_bits_log2 += 3;
    } else {
        mask_bits_log2 += 2;
    }
    let filter = (1u64 << mask_bits_log2.max(6)) / 8;
    16 + filter + 4 * (n_buckets + n_hashed)
}

/// What the C compiler adds to every executable (`Scrt1.o`, `crti.o`, `crtbeginS.o`..), and the linker's own: measured as
/// what the empty program has and nobody else explains (gcc 12.2, binutils 2.40, glibc 2.36, amd64).
pub(super) mod system {
    use super::LinkMode;

    /// What depends on the mode: other start-up files are taken (`Scrt1.o` or `crt1.o`, `crtbeginS.o` or `crtbegin.o`).
    pub(super) struct System {
        pub(super) weak_imports: u64,
        pub(super) dynamic_names: u64,
        pub(super) eh_frame: u64,
        pub(super) got: u64,
        /// Symbols that are no imports.
        pub(super) symbols: u64,
        pub(super) symbol_names: u64,
    }

    /// Returns the constants of a mode.
    pub(super) fn of(mode: LinkMode) -> System {
        if mode.is_pie {
            System {
                weak_imports: 5,
                dynamic_names: 240,
                eh_frame: 106,
                got: 5,
                symbols: 57,
                symbol_names: 871,
            }
        } else {
            System {
                weak_imports: 2,
                dynamic_names: 171,
                eh_frame: 98,
                got: 2,
                symbols: 58,
                symbol_names: 825,
            }
        }
    }

    /// What the start-up files of a static program ask for.
    pub(in crate::size) const START_UP: [&str; 1] = ["__libc_start_main"];
    /// Relocations that a program at a fixed address has besides those of imports.
    pub(super) const FIXED_RELOCATIONS: u64 = 20;
    /// Bytes of the names of start-up symbols, which are in the table of dynamic symbols only where all are.
    pub(super) const UNEXPORTED_NAMES: u64 = 19;
    pub(super) const TEXT: u64 = 241;
    pub(super) const RODATA: u64 = 105;
    pub(super) const DATA: u64 = 21;
    pub(super) const FDES: u64 = 3;
    pub(super) const EXPORTS: u64 = 6;
    pub(super) const RELOCATIONS: u64 = 8;
    /// Versions of glibc's symbols: 16 bytes each and for each library; programs with C stubs may have a few more.
    pub(super) const VERSIONS: u64 = 224;
    /// What the name of an import has behind it in the symbol table: `@GLIBC_2.2.5`.
    pub(super) const VERSION_SUFFIX: u64 = 12;
}

#[cfg(test)]
mod tests {
    use super::gnu_hash_len;

    #[test]
    fn hash_tables_are_as_long_as_the_linker_makes_them() {
        // Shared libraries of so many functions, linked by binutils 2.40.
        for (n_hashed, n_bytes) in [
            (0, 28),
            (1, 36),
            (2, 40),
            (3, 48),
            (16, 108),
            (17, 168),
            (36, 260),
            (37, 344),
            (95, 728),
            (96, 796),
            (512, 3628),
            (768, 6196),
            (1030, 7244),
            (1031, 9288),
        ] {
            assert_eq!(gnu_hash_len(n_hashed), n_bytes, "{n_hashed} symbols");
        }
    }
}
