//! What the linker adds to an executable for each unit: the tables of the start-up object.
//!
//! Source: `asmcomp/asmlink.ml` (`make_startup_file`) and `cmm_helpers.ml` of OCaml 4.13.

use super::Anatomy;

/// Returns what the start-up object holds for one unit.
///
/// A call of its initialisation in `caml_program` with the count of what is initialised (16 bytes of code, a frame
/// descriptor of 16), one pointer in `caml_globals`, two each in `caml_data_segments` and `caml_code_segments`, one in
/// `caml_frametable`, and its entry in `caml_globals_map`: a list cell and a block (3 bytes), the name with a header of
/// one or two, two digests (18 each) and the list of what it defines (the same name once more, shared or not).
#[must_use]
pub(super) fn unit_share(unit: &str) -> Anatomy {
    let name = unit.len() as u64;
    let string = if name < 32 { 1 + name } else { 2 + name };
    let map_entry = 2 + string + 2 * 18 + 2 + 2;
    Anatomy {
        text: 16,
        data: 8 * (1 + 2 + 2 + 1) + map_entry,
        frametable: 16,
        pointers: 1 + 2 + 2 + 1 + 1,
        ..Anatomy::default()
    }
}
