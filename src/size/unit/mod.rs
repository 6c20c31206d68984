//! One OCaml unit as its object file has it: its anatomy as a whole, and function by function.
//!
//! Takes an archive (`.a`) or an object file (`.o`), gives [`UnitSize`]s in the file's order. Counts of functions and
//! [`UnitSize::rest`] add up to the unit's: nothing is counted twice, nothing is left out. What is left out on purpose:
//! what the linker adds for a unit elsewhere (start-up tables), which depends on the link.
//!
//! * `measure`: from the bytes of a file to its units; `spelling`: how symbols of a unit are named;
//! * `functions`: what belongs to which function; `pieces`: initialisation code, cut line by line;
//! * `users`: who refers to a function, and to constants that several share.

mod functions;
mod measure;
mod pieces;
mod spelling;
mod users;

pub(super) use functions::Functions;
pub use measure::measure_objects;
pub(super) use measure::{measure_file, measure_members, wanted_of};
pub(super) use spelling::Spelling;

use super::c_object::CObject;
use super::shared::SharedConstants;
use super::{Anatomy, Bytes, Profile};
use crate::base::Name;
use std::ops::Range;

/// One OCaml unit of an archive.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize, Default)]
pub struct UnitSize {
    /// The unit's name (`Base__List`).
    pub unit: Name,
    /// What the unit consists of.
    pub anatomy: Anatomy,
    /// Its functions, in the order of their code; the initialisation function is one of them.
    pub functions: Vec<FunctionSize>,
    /// What belongs to no function: the module block, roots, tables' heads, alignment before code.
    pub rest: Anatomy,
    /// Code without the padding that the linker puts behind the unit: what `size` prints for `.text`, laid out.
    pub text_linked: u64,
    /// Bytes of the frame table that `-g` has added: places of allocations.
    pub allocation_places: u64,
    /// Bytes of data before the frame table: pairs with `anatomy.frametable` to the section's length.
    pub data_section: u64,
    /// Strings of the debug sections that other units have too (producer, file names), each with its end: the linker
    /// keeps one of each.
    pub shared_debug_strings: Vec<Name>,
    /// Constants that several of its functions and pieces of initialisation use.
    pub shared_constants: Vec<SharedConstants>,
    /// For a unit made by `-pack`: its members, and last the pack itself with what is left. Together they are the unit.
    pub parts: Vec<UnitSize>,
    /// What it needs of C code, and what the linker merges.
    pub(super) link: CObject,
}

impl UnitSize {
    /// Returns the unit's bytes in an executable of the given profile.
    #[must_use]
    pub fn bytes(&self, profile: Profile) -> Bytes {
        self.anatomy.bytes(profile)
    }
    /// Returns whether it has boxed integers, constants or results of arithmetic: each refers to C code of the runtime that
    /// no `external` names, and which of its definitions they belong to is not known.
    #[must_use]
    pub fn has_boxed_integers(&self) -> bool {
        let is_ops = |symbol: &str| {
            let symbol = symbol.strip_prefix('_').unwrap_or(symbol);
            matches!(symbol, "caml_int32_ops" | "caml_int64_ops" | "caml_nativeint_ops")
        };
        self.link.uses.iter().any(|(symbol, _)| is_ops(symbol.as_str()))
    }
}

/// One function of a unit.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct FunctionSize {
    /// Its symbol (`camlBase__List__fold_1234`).
    pub symbol: Box<str>,
    /// Where its OCaml name is in the symbol.
    pub(super) own_name: Option<Range<u32>>,
    /// Whether it is the unit's initialisation.
    pub is_entry: bool,
    /// The file and line (from 1) of its first instruction that has one.
    pub line: Option<(Name, u32)>,
    /// Its dotted name as in backtraces (`Base__List.Sub.f`), where one of its calls or allocations tells.
    pub scope: Option<Box<str>>,
    /// The first symbol of another object file that it names, where it has neither line nor dotted name: code that makes a
    /// value of an `external` calls its C function.
    pub outside: Option<Name>,
    /// Who refers to it first: where a function has no place of its own, it belongs to what its user belongs to.
    pub user: Option<User>,
    /// The first other function that it refers to, as an index in the unit's functions.
    pub uses: Option<u32>,
    /// What is its own: code with padding, frame descriptors, unwind entries, closures and constants, symbols.
    pub anatomy: Anatomy,
    /// For the initialisation function: its parts by source line, in the order of the code; they add up to less than
    /// the whole by its unwind entry, its own symbol and its padding. Empty for others.
    pub pieces: Vec<Piece>,
}

impl FunctionSize {
    /// Returns its OCaml name as the symbol spells it (`fold`; `$5e` for `^`; `fun` for anonymous ones); `None` for the initialisation function and for code that the
    /// compiler adds.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let range = self.own_name.as_ref()?;
        self.symbol.get(range.start as usize..range.end as usize)
    }
}

/// Who refers to a function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
pub enum User {
    /// Another function of the unit, by index.
    Function(u32),
    /// An initialisation function, by index, in one of its pieces.
    Piece(u32, u32),
}

/// A run of initialisation code that comes from one line, or that stores one closure or constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Piece {
    /// File and line (from 1); `None` before the first line that the table names, and where something is stored without
    /// a line of its own.
    pub line: Option<(Name, u32)>,
    /// The function whose closure is stored there, as an index in the unit's functions.
    pub closure_of: Option<u32>,
    /// Whether a constant is stored there.
    pub stores_constant: bool,
    /// Code, frame descriptors, and the constants that nothing before used.
    pub anatomy: Anatomy,
}
