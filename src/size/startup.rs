//! What the linker writes for a program: the start-up object with its tables, and the functions that partial application
//! and method calls share.
//!
//! Takes the linked units and what their archives ask for, gives an [`Anatomy`] for each unit's part and one for the
//! rest. Source: `asmcomp/asmlink.ml` (`make_startup_file`) and `cmm_helpers.ml` of OCaml 4.13 and 5.3; lengths of the shared
//! functions are measured (amd64, 4.13.1 and 5.3.0), in a start-up object with all of them.

use super::Anatomy;
use super::relocatable::align_up;
use crate::base::Name;
use crate::project::{CmxUnit, Unit, marshalled_string_len};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Returns what the start-up object holds for one unit.
///
/// A call of its initialisation in `caml_program` with the count of what is initialised (16 bytes of code, a frame
/// descriptor of 16), one pointer in `caml_globals`, two each in `caml_data_segments` and `caml_code_segments`, one in
/// `caml_frametable`, and its entry in `caml_globals_map`: a list cell and a block (2 bytes), its name, two digests (18
/// each), and the list of what it defines (4). What is inside a pack that is one unit here has all of that but the entry, of
/// which it has a list cell and its name.
#[must_use]
pub(super) fn unit_share(unit: &Unit) -> Anatomy {
    let one = |map_entry: u64| Anatomy {
        text: 16,
        data: 8 * (1 + 2 + 2 + 1) + map_entry,
        frametable: 16,
        pointers: 1 + 2 + 2 + 1 + 1,
        ..Anatomy::default()
    };
    let own = one(2 + marshalled_string_len(unit.name.len()) + 2 * 18 + 4);
    unit.packed_whole().iter().fold(own, |sum, part| sum + one(1 + marshalled_string_len(part.len())))
}

/// What is in the start-up object besides the units' shares: predefined exceptions (12 blocks with their names), heads of
/// tables, its own segments and those of the runtime; all measured on the empty program.
const FIXED: Anatomy = Anatomy {
    text: 16,
    rodata: 0,
    data: 696 + 8,
    frametable: 8,
    fde_bytes: 32,
    fdes: 1,
    pointers: 18,
    globals: 24,
    global_names: 24 * 22,
    symbols: 24 + 15,
    symbol_names: 24 * 22 + 12 * 17,
    debug: 0,
};

/// Returns what the start-up object holds for nobody in particular.
///
/// `units` are the linked units with what their archives say of them; where nothing is known, the shared functions that
/// every program has are assumed. `has_fibers` tells OCaml 5 from 4.
#[must_use]
pub(super) fn common(units: &[(&Unit, Option<&CmxUnit>)], has_fibers: bool) -> Anatomy {
    let mut arities = Arities::default();
    let mut interfaces: FxHashMap<Name, bool> = FxHashMap::default();
    for link in units.iter().filter_map(|(_, link)| *link) {
        arities.extend(link);
        for (&interface, &has_digest) in link.imports_cmi.iter().zip(&link.has_cmi_digest) {
            *interfaces.entry(interface).or_default() |= has_digest;
        }
    }
    // Interfaces of units that are not linked are in the table of globals too.
    for (unit, _) in units {
        interfaces.remove(&unit.name);
    }
    let unlinked = interfaces.iter().map(|(interface, &has_digest)| unlinked_len(interface, has_digest));
    let shares: u64 = units.iter().map(|(unit, _)| unit_share(unit).data % 8).sum();
    with_map(arities.functions(has_fibers), unlinked.sum(), shares)
}

/// What the table of globals has for an interface of a unit that is not linked.
pub(super) fn unlinked_len(interface: &str, has_digest: bool) -> u64 {
    4 + marshalled_string_len(interface.len()) + if has_digest { 18 } else { 1 }
}

/// Adds the table of globals: `unlinked` bytes for units that are not linked, and padding, for the table is padded as a whole,
/// with the shares of the linked units.
pub(super) fn with_map(mut functions: Anatomy, unlinked: u64, shares: u64) -> Anatomy {
    functions.data += align_up(unlinked + 21 + shares + 1, 8) - shares;
    functions
}

/// For which numbers of arguments functions are shared.
#[derive(Default)]
pub(super) struct Arities {
    pub(super) apply: BTreeSet<i64>,
    pub(super) curry: BTreeSet<i64>,
    pub(super) send: BTreeSet<i64>,
}

impl Arities {
    /// Adds what the archive says of a unit.
    pub(super) fn extend(&mut self, link: &CmxUnit) {
        self.apply.extend(link.apply_fun.iter().copied());
        self.curry.extend(link.curry_fun.iter().copied());
        self.send.extend(link.send_fun.iter().copied());
    }

    /// The shared functions, and what is there whatever is linked.
    pub(super) fn functions(&self, has_fibers: bool) -> Anatomy {
        let shared = if has_fibers { &OCAML_5 } else { &OCAML_4 };
        let mut sum = FIXED;
        // Application of two and three arguments is always there.
        let apply: BTreeSet<i64> = self.apply.iter().copied().chain([2, 3]).collect();
        // Hostile archives may ask for any number: beyond what the compiler itself allows, nothing is there to be right about.
        let sane = |arity: &&i64| (-256..=256).contains(*arity);
        for &arity in apply.iter().filter(sane) {
            sum += shared.apply(arity.unsigned_abs());
        }
        for &arity in self.send.iter().filter(sane) {
            sum += shared.send(arity.unsigned_abs());
        }
        for &arity in self.curry.iter().filter(sane) {
            shared.curry(arity, &mut sum);
        }
        sum
    }
}

/// From so many arguments on, all that are left are not taken at once (`max_arity_optimized` of `cmm_helpers.ml` is one less).
const FIRST_LONG: u64 = 16;

/// Lengths of the functions that partial application and method calls share, in one generation of the compiler.
struct Shared {
    /// `caml_applyN` for two arguments and more, aligned; beyond the table each takes 48 more.
    apply: [u64; 14],
    /// From so many arguments on, the stack holds some, and a last frame describes it.
    extra_frame_from: u64,
    /// `caml_sendN` for no argument and more; beyond the table each takes 28 more.
    send: [u64; 7],
    /// `caml_tuplifyN` for two and more.
    tuplify: [u64; 7],
    /// `caml_curryN` for two and more, with the functions for each number of arguments given so far: loading arguments from
    /// closures grows with the square.
    curry: [u64; 14],
    /// The same for 16 and more, which have no functions for all the rest at once (`max_arity_optimized`), and how much each takes
    /// beyond the table.
    long_curry: [u64; 9],
    long_curry_step: u64,
    /// Unwind entries of those that call, and of those that allocate.
    fde_of_calls: u64,
    fde_of_closures: u64,
}

const OCAML_4: Shared = Shared {
    apply: [64, 80, 96, 128, 144, 160, 176, 192, 224, 256, 368, 416, 464, 512],
    extra_frame_from: 12,
    send: [112, 160, 192, 208, 224, 240, 272],
    tuplify: [48, 48, 48, 64, 64, 64, 64],
    curry: [128, 272, 464, 624, 832, 1056, 1312, 1552, 1872, 2368, 2864, 3360, 4032, 4704],
    long_curry: [1616, 1728, 1856, 1984, 2096, 2224, 2352, 2480, 2608],
    long_curry_step: 128,
    fde_of_calls: 36,
    fde_of_closures: 32,
};

const OCAML_5: Shared = Shared {
    apply: [96, 112, 128, 144, 176, 192, 208, 224, 256, 288, 400, 432, 480, 528],
    extra_frame_from: u64::MAX,
    send: [112, 192, 208, 240, 256, 272, 288],
    tuplify: [32, 32, 48, 48, 48, 64, 64],
    curry: [96, 240, 368, 560, 720, 928, 1168, 1408, 1744, 2224, 2768, 3424, 4096, 4848],
    long_curry: [1392, 1504, 1616, 1728, 1824, 1936, 2048, 2160, 2288],
    long_curry_step: 110,
    fde_of_calls: 44,
    fde_of_closures: 20,
};

/// A frame descriptor with so many live slots and no location.
fn frame(n_live: u64) -> u64 {
    align_up(12 + 2 * n_live, 8)
}

/// Entry `n` of a table that grows evenly behind its end.
fn grown(table: &[u64], n: u64, step: u64) -> u64 {
    let last = table.len() as u64 - 1;
    table[n.min(last) as usize] + n.saturating_sub(last) * step
}

/// Returns how long a number is when it is written.
fn n_digits(n: u64) -> usize {
    n.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl Shared {
    /// Applies a closure of unknown arity to so many arguments, one by one: before each call the rest is live.
    fn apply(&self, arity: u64) -> Anatomy {
        let n_calls = arity.saturating_sub(1);
        let extra = u64::from(arity >= self.extra_frame_from);
        let mut anatomy = Anatomy {
            text: grown(&self.apply, arity.saturating_sub(2), 48),
            frametable: (1..=n_calls).map(frame).sum::<u64>() + extra * frame(0),
            fde_bytes: self.fde_of_calls,
            fdes: 1,
            pointers: n_calls + extra,
            ..Anatomy::default()
        };
        anatomy.add_symbol_of_len("caml_apply".len() + n_digits(arity), true);
        anatomy
    }

    /// Looks a method up and calls it.
    fn send(&self, arity: u64) -> Anatomy {
        let mut anatomy = Anatomy {
            text: grown(&self.send, arity, 28),
            frametable: (1..=arity).map(frame).sum(),
            fde_bytes: if arity == 0 { 20 } else { self.fde_of_calls },
            fdes: 1,
            pointers: arity,
            ..Anatomy::default()
        };
        anatomy.add_symbol_of_len("caml_send".len() + n_digits(arity), true);
        anatomy
    }

    /// Adds `caml_curryN` with the functions for each number of arguments given so far, or `caml_tuplifyN`.
    fn curry(&self, arity: i64, sum: &mut Anatomy) {
        let n = arity.unsigned_abs();
        if arity < 0 {
            sum.text += grown(&self.tuplify, n.saturating_sub(2), 6);
            *sum += self.closure("caml_tuplify".len() + n_digits(n));
            return;
        }
        let is_long = n >= FIRST_LONG;
        sum.text += match is_long {
            true => grown(&self.long_curry, n - FIRST_LONG, self.long_curry_step),
            false => grown(&self.curry, n.saturating_sub(2), 0),
        };
        // `caml_curryN`, `caml_curryN_M` and `caml_curryN_M_app`.
        let len = "caml_curry".len() + n_digits(n);
        *sum += self.closure(len);
        for given in 1..n {
            let len = len + 1 + n_digits(given);
            *sum += self.closure(len);
            // All the rest at once; for the last argument that is the function above.
            if given + 1 < n && !is_long {
                *sum += self.closure(len + "_app".len());
            }
        }
    }

    /// A function that makes a closure, or takes one apart, without its code: one frame. Its symbol is so long.
    fn closure(&self, symbol_len: usize) -> Anatomy {
        let mut anatomy = Anatomy {
            frametable: 24,
            fde_bytes: self.fde_of_closures,
            fdes: 1,
            pointers: 1,
            ..Anatomy::default()
        };
        anatomy.add_symbol_of_len(symbol_len, true);
        anatomy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frame tables of a start-up object with all shared functions, as the compilers wrote them.
    #[test]
    fn shared_functions_have_the_frames_that_the_compiler_writes() {
        let of = |anatomy: Anatomy| (anatomy.text, anatomy.frametable, anatomy.fde_bytes, anatomy.pointers);
        assert_eq!(of(OCAML_4.apply(2)), (64, 16, 36, 1));
        assert_eq!(of(OCAML_4.apply(9)), (192, 192, 36, 8));
        assert_eq!(of(OCAML_4.apply(15)).1, 432);
        assert_eq!(of(OCAML_5.apply(15)), (528, 416, 44, 14));
        assert_eq!(of(OCAML_5.send(6)), (288, 128, 44, 6));
        let mut three = Anatomy::default();
        OCAML_5.curry(3, &mut three);
        assert_eq!((three.text, three.frametable, three.symbols), (240, 4 * 24, 4));
        let long = |shared: Shared, arity| {
            let mut long = Anatomy::default();
            shared.curry(arity, &mut long);
            (long.text, long.symbols)
        };
        assert_eq!((long(OCAML_4, 15), long(OCAML_5, 15)), ((4704, 28), (4848, 28)));
        assert_eq!((long(OCAML_4, 16), long(OCAML_5, 16)), ((1616, 16), (1392, 16)));
        assert_eq!((long(OCAML_4, 30), long(OCAML_5, 20)), ((3376, 30), (1824, 20)));
    }
}
