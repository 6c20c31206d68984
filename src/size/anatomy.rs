//! What a piece of an object file consists of, before a target profile turns it into bytes of a linked file.
//!
//! The counts are the file's own and add up; [`Anatomy::bytes`] applies the linker's prices (LINKING rules, section
//! "what a unit contributes"): 24 bytes per dynamic relocation, 8 per entry of the unwind index, 34 and the name per
//! dynamic symbol, 24 and the name per symbol.

use super::{Bytes, LinkMode, Profile};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// Bytes of a dynamic relocation (`Elf64_Rela`).
pub(super) const RELOCATION: u64 = 24;
/// Bytes of one entry of `.eh_frame_hdr`.
pub(super) const UNWIND_INDEX_ENTRY: u64 = 8;
/// Bytes of a symbol (`Elf64_Sym`), its name left out.
pub(super) const SYMBOL: u64 = 24;
/// Bytes of a dynamic symbol, its name left out: the symbol, two of version, and its share of the hash table. That share
/// is 7.3 to 8.2 bytes (4 in the chain, 4 per bucket, about 1 in the filter); programs as a whole are computed exactly.
pub(super) const DYNAMIC_SYMBOL: u64 = SYMBOL + 2 + 8;

/// Counts of one unit, function or definition, as its object file has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Anatomy {
    /// Machine code with the padding behind it.
    pub text: u64,
    /// Read-only tables: jump tables, floats.
    pub rodata: u64,
    /// Constants, closures, module blocks.
    pub data: u64,
    /// The frame table.
    pub frametable: u64,
    /// Unwind entries (FDE), in bytes; the common entry (CIE) of an object is merged away.
    pub fde_bytes: u64,
    /// Number of unwind entries.
    pub fdes: u64,
    /// Pointers in data: dynamic relocations of a position-independent executable.
    pub pointers: u64,
    /// Global symbols: dynamic ones in an executable that exports them (`-Wl,-E`, OCaml's default).
    pub globals: u64,
    /// Bytes of their names, each with its end.
    pub global_names: u64,
    /// All symbols, global ones included.
    pub symbols: u64,
    /// Bytes of their names, each with its end.
    pub symbol_names: u64,
    /// `.debug_*` sections.
    pub debug: u64,
}

impl Anatomy {
    /// Returns the bytes that this adds to an executable of the given profile.
    #[must_use]
    pub fn bytes(&self, profile: Profile) -> Bytes {
        self.bytes_in(LinkMode::of(profile).unwrap_or(LinkMode::DEFAULT))
    }

    /// Returns the bytes that this adds to an executable that is linked in a certain way.
    #[must_use]
    pub fn bytes_in(&self, mode: LinkMode) -> Bytes {
        // A static executable has no search table for its unwind entries.
        let index = if mode.is_static { 0 } else { UNWIND_INDEX_ENTRY };
        Bytes {
            code: self.text + self.rodata,
            data: self.data,
            frametable: self.frametable,
            unwind: self.fde_bytes + index * self.fdes,
            relocations: if mode.is_pie { RELOCATION * self.pointers } else { 0 },
            dynsym: if mode.exports { DYNAMIC_SYMBOL * self.globals + self.global_names } else { 0 },
            symtab: SYMBOL * self.symbols + self.symbol_names,
            debug: self.debug,
        }
    }

    /// Counts a symbol by its name.
    pub(super) fn add_symbol(&mut self, symbol: &str, is_global: bool) {
        self.add_symbol_of_len(symbol.len(), is_global);
    }

    /// Counts a symbol by the length of its name.
    pub(super) fn add_symbol_of_len(&mut self, len: usize, is_global: bool) {
        let name = len as u64 + 1;
        self.symbols += 1;
        self.symbol_names += name;
        if is_global {
            self.globals += 1;
            self.global_names += name;
        }
    }

    /// Applies `f` to each count.
    pub(super) fn map(self, f: impl Fn(u64) -> u64) -> Anatomy {
        self.zip(Anatomy::default(), |count, _| f(count))
    }

    fn zip(self, other: Anatomy, f: impl Fn(u64, u64) -> u64) -> Anatomy {
        Anatomy {
            text: f(self.text, other.text),
            rodata: f(self.rodata, other.rodata),
            data: f(self.data, other.data),
            frametable: f(self.frametable, other.frametable),
            fde_bytes: f(self.fde_bytes, other.fde_bytes),
            fdes: f(self.fdes, other.fdes),
            pointers: f(self.pointers, other.pointers),
            globals: f(self.globals, other.globals),
            global_names: f(self.global_names, other.global_names),
            symbols: f(self.symbols, other.symbols),
            symbol_names: f(self.symbol_names, other.symbol_names),
            debug: f(self.debug, other.debug),
        }
    }
}

impl Add for Anatomy {
    type Output = Anatomy;
    fn add(self, other: Anatomy) -> Anatomy {
        self.zip(other, |a, b| a + b)
    }
}
impl AddAssign for Anatomy {
    fn add_assign(&mut self, other: Anatomy) {
        *self = *self + other;
    }
}
impl Sub for Anatomy {
    type Output = Anatomy;
    /// Subtracts count by count, stopping at zero.
    fn sub(self, other: Anatomy) -> Anatomy {
        self.zip(other, u64::saturating_sub)
    }
}
impl Sum for Anatomy {
    fn sum<I: Iterator<Item = Anatomy>>(iter: I) -> Anatomy {
        iter.fold(Anatomy::default(), Add::add)
    }
}
