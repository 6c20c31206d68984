//! What bytecode archives and object files say: units with the bytes that they add to a bytecode program (`.cma`, `.cmo`).
//!
//! Takes the bytes of a file, gives [`CmaUnit`]s in archive order. The code itself is not looked at.
//!
//! Source: `file_formats/cmo_format.mli`, `bytecomp/symtable.ml` of OCaml 4.13 and 5.3; `runtime/extern.c` for the length of what
//! the linker writes.

use super::cmxa::{CmxaError, skip_magic};
use super::marshal::{self, Heap, Value};
use crate::base::{Name, name};

/// One unit of a bytecode archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CmaUnit {
    /// The unit's name.
    pub name: Name,
    /// Bytes of its instructions.
    pub code: u64,
    /// Bytes that its constants take in the table of globals, as the linker writes them.
    pub constants: u64,
    /// Bytes of its debugging events; 0 when it was compiled without `-g`.
    pub debug: u64,
    /// The C functions that its code calls, without repetition, in order of name.
    pub primitives: Vec<Name>,
    /// The interfaces that it was compiled against, and whether each has its digest recorded.
    pub imports: Vec<(Name, bool)>,
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
    if !is_archive {
        return Ok(vec![read_unit(&heap, root)?]);
    }
    let units = heap.record(root).and_then(|library| heap.list(*library.first()?));
    let units = units.ok_or(CmxaError::Shape("the library record"))?;
    units.into_iter().map(|unit| read_unit(&heap, unit)).collect()
}

fn read_unit(heap: &Heap<'_>, value: Value<'_>) -> Result<CmaUnit, CmxaError> {
    let shape = CmxaError::Shape("the record of a unit");
    let record = heap.record(value).filter(|fields| fields.len() >= 10).ok_or(shape.clone())?;
    let &[unit, _, Value::Int(code), relocations, imports, _, _, _, _, Value::Int(debug), ..] = record else {
        return Err(shape);
    };
    // Since 5.2 the name is a constructor around the string, which is not boxed.
    let Value::Str(unit) = unit else { return Err(shape) };
    let mut constants = 0;
    let mut primitives = Vec::new();
    for entry in heap.list(relocations).ok_or(CmxaError::Shape("the list of relocations"))? {
        let Some(Value::Block(info)) = heap.record(entry).and_then(|pair| pair.first().copied()) else {
            return Err(CmxaError::Shape("a relocation"));
        };
        match (info.tag, heap.fields(info)) {
            (LITERAL, &[constant]) => constants += constant_len(heap, constant),
            (PRIMITIVE, &[Value::Str(symbol)]) => primitives.push(text(symbol)),
            _ => {}
        }
    }
    primitives.sort_by_key(|symbol| symbol.as_str());
    primitives.dedup();
    let imports = heap.list(imports).ok_or(CmxaError::Shape("the list of imports"))?;
    let import = |pair| match heap.record(pair) {
        Some(&[Value::Str(import), crc]) => Ok((text(import), matches!(crc, Value::Block(_)))),
        _ => Err(CmxaError::Shape("an import")),
    };
    Ok(CmaUnit {
        name: text(unit),
        code: u64::try_from(code).unwrap_or(0),
        constants,
        debug: u64::try_from(debug).unwrap_or(0),
        primitives,
        imports: imports.into_iter().map(import).collect::<Result<_, _>>()?,
    })
}

/// `Reloc_literal` and `Reloc_primitive` among the constructors of a relocation.
const LITERAL: u8 = 0;
const PRIMITIVE: u8 = 3;

fn text(bytes: &[u8]) -> Name {
    name(&String::from_utf8_lossy(bytes))
}

/// Bytes of a constant as the linker writes it. Up to 5.1 the file holds `Lambda.structured_constant`, later the value itself;
/// the constructors of the former cannot be told from blocks of the latter, which then count a few bytes too much.
fn constant_len(heap: &Heap<'_>, constant: Value<'_>) -> u64 {
    let mut todo = vec![constant];
    let mut sum = 0;
    // A block that is shared is counted once for each use; the count guards against what a broken file could claim.
    for _ in 0..MAX_STEPS {
        let Some(value) = todo.pop() else { break };
        let Value::Block(block) = value else {
            sum += plain_len(value);
            continue;
        };
        match (block.tag, heap.fields(block)) {
            // `Const_base` of a base constant.
            (0, &[Value::Block(base)]) => sum += base_len(base.tag, heap.fields(base)),
            // `Const_block (tag, fields)`.
            (1, &[Value::Int(_), fields]) if heap.list(fields).is_some() => {
                let fields = heap.list(fields).unwrap_or_default();
                sum += block_len(fields.len());
                todo.extend(fields);
            }
            // `Const_float_array`.
            (2, &[numbers]) if heap.list(numbers).is_some() => {
                let n = heap.list(numbers).map_or(0, |list| list.len()) as u64;
                sum += if n < 256 { 2 } else { 5 } + 8 * n;
            }
            // `Const_immstring`.
            (3, &[Value::Str(content)]) => sum += string_len(content.len()),
            (_, fields) => {
                sum += block_len(fields.len());
                todo.extend(fields.iter().copied());
            }
        }
    }
    sum
}

/// Steps in one constant, at most.
const MAX_STEPS: usize = 1 << 20;

/// `Asttypes.constant`: int, char, string, float, int32, int64, nativeint.
fn base_len(tag: u8, fields: &[Value<'_>]) -> u64 {
    match (tag, fields.first()) {
        (0 | 1, Some(&value)) => plain_len(value),
        (2, Some(Value::Str(content))) => string_len(content.len()),
        (3, _) => 9,
        (4, _) => 8,
        (5, _) => 12,
        (6, _) => 13,
        _ => 1,
    }
}

fn plain_len(value: Value<'_>) -> u64 {
    match value {
        Value::Int(0..=63) => 1,
        Value::Int(-128..=127) => 2,
        Value::Int(-32768..=32767) => 3,
        Value::Int(n) if i32::try_from(n).is_ok() => 5,
        Value::Int(_) | Value::Opaque => 9,
        Value::Str(content) => string_len(content.len()),
        Value::Block(_) => 1,
    }
}

/// Bytes of a marshalled string.
#[must_use]
pub fn string_len(len: usize) -> u64 {
    let head = if len < 32 {
        1
    } else if len < 256 {
        2
    } else {
        5
    };
    head + len as u64
}

fn block_len(n_fields: usize) -> u64 {
    if n_fields < 8 { 1 } else { 5 }
}
