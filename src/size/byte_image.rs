//! A bytecode program put together from its units, to see how small it gets when it is compressed.
//!
//! Takes the bytecode files of a project and the linked units in order, gives the bytes of the program without debugging events:
//! instructions with slots and numbers of C functions filled in as the linker fills them in, and the tables around them. Not a
//! program to run: what a compressor does not see (the order of C functions, the head of the table of globals) is left as it comes.
//!
//! **Source**: `bytecomp/bytelink.ml` and `bytecomp/symtable.ml` of OCaml 4.13.

use super::byte_runtime::MAX_BYTES;
use super::bytecode::Bytecode;
use crate::base::{Name, UnitId, read_regular};
use crate::project::{CmaUnit, Patch, Project, write_marshalled_string};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::path::Path;

/// Predefined exceptions, which have the first slots of the table of globals.
const PREDEFINED: [&str; 12] = [
    "Out_of_memory",
    "Sys_error",
    "Failure",
    "Invalid_argument",
    "End_of_file",
    "Division_by_zero",
    "Not_found",
    "Match_failure",
    "Stack_overflow",
    "Sys_blocked_io",
    "Assert_failure",
    "Undefined_recursive_module",
];

/// Puts a program together. Units without a bytecode file are left out.
pub(super) fn image(bytecode: &Bytecode, project: &Project, linked: &[UnitId]) -> Vec<u8> {
    let mut globals = Globals::default();
    for name in PREDEFINED {
        globals.slot(crate::base::name(name));
    }
    let mut files: BTreeMap<&Path, Vec<u8>> = BTreeMap::new();
    let mut code = Vec::new();
    let mut constants: Vec<u8> = Vec::new();
    let mut imports: BTreeMap<Name, Option<Vec<u8>>> = BTreeMap::new();
    let mut primitives = Primitives::new(&bytecode.runtime.primitives);
    for &unit in linked {
        let Some((file, unit)) = bytecode.file(unit) else { continue };
        let content = files.entry(file).or_insert_with(|| read_regular(file, MAX_BYTES).unwrap_or_default());
        code.extend(instructions(unit, content, &mut globals, &mut primitives));
        constants.extend(&unit.constants);
        for (import, digest) in &unit.imports {
            let known = imports.entry(*import).or_default();
            *known = known.take().or_else(|| digest.clone());
        }
    }
    let mut image = bytecode.runtime.launcher.clone();
    image.extend(code);
    image.extend(primitives.text);
    image.extend(constants);
    for (&unit, &slot) in linked
        .iter()
        .map(|&unit| &project.unit(unit).name)
        .filter_map(|unit| globals.slots.get_key_value(unit))
    {
        // A node of the map: the name, its slot, the height.
        image.push(0xd0);
        write_marshalled_string(unit.as_str().as_bytes(), &mut image);
        image.extend([0x01, (slot >> 8) as u8, slot as u8, 0x41]);
    }
    for (import, digest) in imports {
        image.extend([0xa0, 0xa0]);
        write_marshalled_string(import.as_str().as_bytes(), &mut image);
        image.push(0x90);
        write_marshalled_string(&digest.unwrap_or_default(), &mut image);
    }
    image
}

/// The instructions of a unit, filled in.
fn instructions(unit: &CmaUnit, file: &[u8], globals: &mut Globals, primitives: &mut Primitives) -> Vec<u8> {
    let range = |at: u64, n: u64| Some(usize::try_from(at).ok()?..usize::try_from(at.checked_add(n)?).ok()?);
    let mut code =
        range(unit.code_at, unit.code).and_then(|range| file.get(range)).unwrap_or_default().to_vec();
    for &(at, patch) in &unit.patches {
        let number = match patch {
            Patch::Constant => globals.next_slot(),
            Patch::Global(name) => globals.slot(name),
            Patch::OwnSlot => globals.slot(unit.name),
            Patch::Primitive(name) => primitives.number(name),
        };
        if let Some(place) = range(at, 4).and_then(|range| code.get_mut(range)) {
            place.copy_from_slice(&number.to_le_bytes());
        }
    }
    code
}

/// The table of globals, being laid out.
#[derive(Default)]
struct Globals {
    slots: FxHashMap<Name, u32>,
    n_slots: u32,
}

impl Globals {
    fn next_slot(&mut self) -> u32 {
        self.n_slots += 1;
        self.n_slots - 1
    }

    fn slot(&mut self, name: Name) -> u32 {
        if let Some(&slot) = self.slots.get(&name) {
            return slot;
        }
        let slot = self.next_slot();
        self.slots.insert(name, slot);
        slot
    }
}

/// The C functions, being numbered.
struct Primitives {
    numbers: FxHashMap<Name, u32>,
    /// Their names, each with its end.
    text: Vec<u8>,
}

impl Primitives {
    fn new(builtins: &[Name]) -> Self {
        let mut primitives = Primitives { numbers: FxHashMap::default(), text: Vec::new() };
        for &name in builtins {
            primitives.number(name);
        }
        primitives
    }

    fn number(&mut self, name: Name) -> u32 {
        let n = self.numbers.len() as u32;
        *self.numbers.entry(name).or_insert_with(|| {
            self.text.extend(name.as_str().as_bytes());
            self.text.push(0);
            n
        })
    }
}
