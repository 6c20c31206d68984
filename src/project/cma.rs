//! What bytecode archives and object files say: units with the bytes that they add to a bytecode program (`.cma`, `.cmo`).
//!
//! Takes the bytes of a file, gives [`CmaUnit`]s in archive order. The code itself is not looked at; where it is, and what the
//! linker fills in, is kept.
//!
//! Source: `file_formats/cmo_format.mli`, `bytecomp/symtable.ml` of OCaml 4.13 and 5.3.

use super::cma_constants::Constants;
use super::cmxa::{CmxaError, skip_magic};
use super::marshal::{self, Heap, Value};
use crate::base::{Name, name};

/// One unit of a bytecode archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CmaUnit {
    /// The unit's name.
    pub name: Name,
    /// Where its instructions are in the file.
    pub code_at: u64,
    /// Bytes of its instructions.
    pub code: u64,
    /// Its constants in the table of globals, as the linker writes them.
    pub constants: Vec<u8>,
    /// Bytes of its debugging events; 0 when it was compiled without `-g`.
    pub debug: u64,
    /// The C functions that its code calls, without repetition, in order of name.
    pub primitives: Vec<Name>,
    /// The interfaces that it was compiled against, each with its digest where that is recorded.
    pub imports: Vec<(Name, Option<Vec<u8>>)>,
    /// What the linker fills in, at offsets of the instructions, in the order of the file.
    pub patches: Vec<(u64, Patch)>,
}

/// A number of four bytes among the instructions that only the linker knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patch {
    /// The slot of a constant: each has its own.
    Constant,
    /// The slot of a unit or predefined exception.
    Global(Name),
    /// The unit's own slot.
    OwnSlot,
    /// The number of a C function.
    Primitive(Name),
}

/// Reads a `.cma` or `.cmo`: both begin with the offset of their description.
///
/// **Errors**: see [`CmxaError`]; never panics, and takes memory in proportion to `bytes`.
pub fn read_cma(bytes: &[u8]) -> Result<Vec<CmaUnit>, CmxaError> {
    let is_archive = bytes.get(8) == Some(&b'A');
    let (letter, expected) = if is_archive { (b'A', ".cma") } else { (b'O', ".cmo") };
    let rest = skip_magic(bytes, letter, expected)?;
    let offset = rest.get(..4).and_then(|word| Some(u32::from_be_bytes(word.try_into().ok()?)));
    let data = offset.and_then(|offset| bytes.get(usize::try_from(offset).ok()?..));
    let (heap, root) = marshal::read(data.ok_or(CmxaError::Shape("the offset of the description"))?)?;
    let version = std::str::from_utf8(&bytes[9..12]).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0);
    if !is_archive {
        return Ok(vec![read_unit(&heap, root, version)?]);
    }
    let units = heap.record(root).and_then(|library| heap.list(*library.first()?));
    let units = units.ok_or(CmxaError::Shape("the library record"))?;
    units.into_iter().map(|unit| read_unit(&heap, unit, version)).collect()
}

/// The format's number of OCaml 5.2: since then constants are values, predefined exceptions have a patch of their own, and names
/// of units are of a type of their own.
const OCAML_5_2: u32 = 34;

fn read_unit<'a>(heap: &Heap<'a>, value: Value<'a>, version: u32) -> Result<CmaUnit, CmxaError> {
    let shape = CmxaError::Shape("the record of a unit");
    let record = heap.record(value).filter(|fields| fields.len() >= 10).ok_or(shape.clone())?;
    let &[
        unit,
        Value::Int(code_at),
        Value::Int(code),
        relocations,
        imports,
        _,
        _,
        _,
        _,
        Value::Int(debug),
        ..,
    ] = record
    else {
        return Err(shape);
    };
    // Since 5.2 the name is a constructor around the string, which is not boxed.
    let Value::Str(unit) = unit else { return Err(shape) };
    let mut constants = Constants::new(heap, version >= OCAML_5_2);
    let mut primitives = Vec::new();
    let mut patches = Vec::new();
    for entry in heap.list(relocations).ok_or(CmxaError::Shape("the list of relocations"))? {
        let Some(&[Value::Block(info), Value::Int(at)]) = heap.record(entry) else {
            return Err(CmxaError::Shape("a relocation"));
        };
        // `Reloc_literal`, `Reloc_getglobal`, (`Reloc_getpredef`,) `Reloc_setglobal`, `Reloc_primitive`.
        let kind = if version >= OCAML_5_2 && info.tag > 1 { info.tag - 1 } else { info.tag };
        let patch = match (kind, heap.fields(info)) {
            (0, &[constant]) => {
                constants.push(constant);
                Patch::Constant
            }
            (1, &[of]) => Patch::Global(global(heap, of)),
            (2, _) => Patch::OwnSlot,
            (3, &[Value::Str(symbol)]) => {
                primitives.push(text(symbol));
                Patch::Primitive(text(symbol))
            }
            _ => continue,
        };
        patches.push((u64::try_from(at).unwrap_or(0), patch));
    }
    primitives.sort_by_key(|symbol| symbol.as_str());
    primitives.dedup();
    let imports = heap.list(imports).ok_or(CmxaError::Shape("the list of imports"))?;
    let import = |pair| match heap.record(pair) {
        Some(&[Value::Str(import), crc]) => Ok((text(import), digest(heap, crc))),
        _ => Err(CmxaError::Shape("an import")),
    };
    Ok(CmaUnit {
        name: text(unit),
        code_at: u64::try_from(code_at).unwrap_or(0),
        code: u64::try_from(code).unwrap_or(0),
        constants: constants.written,
        debug: u64::try_from(debug).unwrap_or(0),
        primitives,
        imports: imports.into_iter().map(import).collect::<Result<_, _>>()?,
        patches,
    })
}

/// The digest behind an import, where there is one.
fn digest(heap: &Heap<'_>, crc: Value<'_>) -> Option<Vec<u8>> {
    match heap.record(crc)? {
        [Value::Str(digest)] => Some(digest.to_vec()),
        _ => None,
    }
}

/// The name of a global: an identifier up to OCaml 5.1, later a constructor around a string, which is not boxed.
fn global(heap: &Heap<'_>, of: Value<'_>) -> Name {
    let of_record = |fields: &[Value<'_>]| fields.iter().find_map(|field| string(*field)).map(text);
    string(of).map(text).or_else(|| of_record(heap.record(of)?)).unwrap_or_else(|| name("?"))
}

fn string(value: Value<'_>) -> Option<&[u8]> {
    if let Value::Str(text) = value { Some(text) } else { None }
}

fn text(bytes: &[u8]) -> Name {
    name(&String::from_utf8_lossy(bytes))
}
