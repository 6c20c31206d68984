//! Byte counts by section, and where they come from.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// Bytes that a unit or definition contributes to a linked executable, by section.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Bytes {
    /// Machine code (`.text`), with alignment, and read-only tables (`.rodata`).
    pub code: u64,
    /// Constants, closures and module blocks (`.data` without the frame table).
    pub data: u64,
    /// The frame table: return addresses, live slots, locations of calls.
    pub frametable: u64,
    /// Unwind tables (`.eh_frame`, `.eh_frame_hdr`).
    pub unwind: u64,
    /// Dynamic relocations (24 bytes each in a position-independent executable).
    pub relocations: u64,
    /// Dynamic symbols with their names, hash and version entries.
    pub dynsym: u64,
    /// What stripping removes: `.symtab`, `.strtab`.
    pub symtab: u64,
    /// What stripping removes: `.debug_*`.
    pub debug: u64,
}

impl Bytes {
    /// Bytes in the allocated sections: everything that survives stripping.
    #[must_use]
    pub fn alloc(&self) -> u64 {
        self.code + self.data + self.frametable + self.unwind + self.relocations + self.dynsym
    }
    /// Bytes in the unstripped file.
    #[must_use]
    pub fn unstripped(&self) -> u64 {
        self.alloc() + self.symtab + self.debug
    }
    fn zip(self, other: Bytes, f: impl Fn(u64, u64) -> u64) -> Bytes {
        Bytes {
            code: f(self.code, other.code),
            data: f(self.data, other.data),
            frametable: f(self.frametable, other.frametable),
            unwind: f(self.unwind, other.unwind),
            relocations: f(self.relocations, other.relocations),
            dynsym: f(self.dynsym, other.dynsym),
            symtab: f(self.symtab, other.symtab),
            debug: f(self.debug, other.debug),
        }
    }
}

impl Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Bytes) -> Bytes {
        self.zip(other, |a, b| a + b)
    }
}
impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Bytes) {
        *self = *self + other;
    }
}
impl Sub for Bytes {
    type Output = Bytes;
    /// Subtracts section by section, stopping at zero.
    fn sub(self, other: Bytes) -> Bytes {
        self.zip(other, u64::saturating_sub)
    }
}
impl Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(iter: I) -> Bytes {
        iter.fold(Bytes::default(), Add::add)
    }
}

/// Where a figure comes from. Measured and estimated figures are never mixed silently: a sum is measured only when
/// all its parts are.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// Read from object files.
    Measured,
    /// Modelled from the source.
    Estimated,
}

/// For which kind of executable bytes are counted.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Native code, position-independent, exporting its symbols: OCaml's default on Linux.
    #[default]
    Pie,
    /// Native code, statically linked at a fixed address: no dynamic relocations or symbols (a unikernel).
    Static,
    /// Bytecode.
    Bytecode,
}
