//! What the linker writes for a program: the start-up object with its tables, and the functions that partial application
//! and method calls share.
//!
//! Takes the linked units and what their archives ask for, gives an [`Anatomy`] for each unit's part and one for the
//! rest. Source: `asmcomp/asmlink.ml` (`make_startup_file`) and `cmm_helpers.ml` of OCaml 4.13; lengths of the shared
//! functions are measured (amd64).

use super::Anatomy;
use super::relocatable::align_up;
use crate::base::Name;
use crate::project::CmxUnit;
use std::collections::{BTreeMap, BTreeSet};

/// Returns what the start-up object holds for one unit.
///
/// A call of its initialisation in `caml_program` with the count of what is initialised (16 bytes of code, a frame
/// descriptor of 16), one pointer in `caml_globals`, two each in `caml_data_segments` and `caml_code_segments`, one in
/// `caml_frametable`, and its entry in `caml_globals_map`: a list cell and a block (2 bytes), its name, two digests (18
/// each), and the list of what it defines (4).
#[must_use]
pub(super) fn unit_share(unit: &str) -> Anatomy {
    let map_entry = 2 + marshalled_string(unit) + 2 * 18 + 4;
    Anatomy {
        text: 16,
        data: 8 * (1 + 2 + 2 + 1) + map_entry,
        frametable: 16,
        pointers: 1 + 2 + 2 + 1 + 1,
        ..Anatomy::default()
    }
}

fn marshalled_string(text: &str) -> u64 {
    let len = text.len() as u64;
    if len < 32 { 1 + len } else { 2 + len }
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
/// every program has are assumed.
#[must_use]
pub(super) fn common(units: &[(Name, Option<&CmxUnit>)]) -> Anatomy {
    let mut sum = FIXED;
    // Application of two and three arguments is always there.
    let mut apply = BTreeSet::from([2, 3]);
    let mut curry = BTreeSet::new();
    let mut send = BTreeSet::new();
    let mut interfaces: BTreeMap<Name, bool> = BTreeMap::new();
    for link in units.iter().filter_map(|(_, link)| *link) {
        apply.extend(link.apply_fun.iter().copied());
        curry.extend(link.curry_fun.iter().copied());
        send.extend(link.send_fun.iter().copied());
        for (&interface, &has_digest) in link.imports_cmi.iter().zip(&link.has_cmi_digest) {
            *interfaces.entry(interface).or_default() |= has_digest;
        }
    }
    // Hostile archives may ask for any number: beyond what the compiler itself allows, nothing is there to be right about.
    let sane = |arity: &&i64| (-256..=256).contains(*arity);
    for &arity in apply.iter().filter(sane) {
        let frames = arity.unsigned_abs().saturating_sub(1);
        sum += shared_function(&format!("caml_apply{arity}"), apply_text(arity.unsigned_abs()), frames);
    }
    for &arity in send.iter().filter(sane) {
        let arity = arity.unsigned_abs();
        sum += shared_function(&format!("caml_send{arity}"), 112 + 40 * arity, arity + 1);
    }
    for &arity in curry.iter().filter(sane) {
        curry_functions(arity, &mut sum);
    }
    // Interfaces of units that are not linked are in the table of globals too.
    for (unit, _) in units {
        interfaces.remove(unit);
    }
    let unlinked = interfaces
        .iter()
        .map(|(interface, &has_digest)| 4 + marshalled_string(interface) + if has_digest { 18 } else { 1 });
    let shares: u64 = units.iter().map(|(unit, _)| unit_share(unit).data % 8).sum();
    let map = unlinked.sum::<u64>() + 21;
    // The table is padded as a whole, with the shares of the linked units.
    sum.data += align_up(map + shares + 1, 8) - shares;
    sum
}

/// One shared function: its code, a frame of 22.5 bytes on average for each call or allocation, unwind entry, symbol.
fn shared_function(symbol: &str, text: u64, frames: u64) -> Anatomy {
    let mut anatomy = Anatomy {
        text,
        frametable: frames * 45 / 2,
        fde_bytes: 33,
        fdes: 1,
        pointers: frames,
        ..Anatomy::default()
    };
    anatomy.add_symbol(symbol, true);
    anatomy
}

/// Bytes of `caml_applyN`, aligned.
fn apply_text(arity: u64) -> u64 {
    match arity {
        0..=4 => 64 + 16 * arity.saturating_sub(2),
        5..=9 => 128 + 16 * (arity - 5),
        10 | 11 => 224 + 32 * (arity - 10),
        _ => 368 + 48 * (arity - 12),
    }
}

/// Adds `caml_curryN` with the functions for each number of arguments given so far, or `caml_tuplifyN`.
fn curry_functions(arity: i64, sum: &mut Anatomy) {
    if arity < 0 {
        *sum += shared_function(&format!("caml_tuplify{}", -arity), 48 + 16 * u64::from(arity <= -5), 1);
        return;
    }
    let n = arity as u64;
    // Their lengths together: loading arguments from closures grows with the square.
    const TOTALS: [u64; 12] = [0, 0, 128, 272, 464, 624, 832, 1056, 1312, 1552, 1872, 2368];
    sum.text += TOTALS.get(n as usize).copied().unwrap_or(2368 + n.saturating_sub(11) * 496);
    *sum += shared_function(&format!("caml_curry{n}"), 0, 1);
    for given in 1..n {
        *sum += shared_function(&format!("caml_curry{n}_{given}"), 0, 1);
        // All the rest at once; for the last argument that is the function above.
        if given + 1 < n {
            *sum += shared_function(&format!("caml_curry{n}_{given}_app"), 0, 1);
        }
    }
}
