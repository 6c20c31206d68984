//! What the files beside native object code say: units with what they record, in archive order (`.cmxa`, `.cmx`).
//!
//! Takes the bytes of a file, gives [`CmxaInfo`] or [`CmxUnit`]. Reads the files of OCaml 4.08 to 5.x: the records
//! only grew at their end. What the optimiser knows of a unit (`ui_export_info`) is left out.
//!
//! Source: `file_formats/cmx_format.mli` of OCaml 4.08 to 5.3.

use super::marshal::{self, Heap, MarshalError, Value};
use crate::base::{Name, name_of};
use thiserror::Error;

/// Why a `.cmxa` or `.cmx` could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CmxaError {
    /// The file does not start as such a file does.
    #[error("not a {expected} file")]
    BadMagic {
        /// `.cmxa` or `.cmx`.
        expected: &'static str,
    },
    /// The file is of a compiler whose layout is not known.
    #[error(
        "a {expected} file of an OCaml version that is not supported (format {version}, known are {oldest} to {newest})"
    )]
    UnknownVersion {
        /// `.cmxa` or `.cmx`.
        expected: &'static str,
        /// The format's number.
        version: u32,
        /// The oldest that is known.
        oldest: u32,
        /// The newest that is known.
        newest: u32,
    },
    /// What follows cannot be read.
    #[error(transparent)]
    Marshal(#[from] MarshalError),
    /// What follows is not the record that the format has.
    #[error("{0} is not what the format says")]
    Shape(&'static str),
}

/// What a `.cmxa` says.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct CmxaInfo {
    /// Its units, in archive order.
    pub units: Vec<CmxUnit>,
    /// C libraries and objects that it asks for (`-lunix`), in command-line order.
    pub ccobjs: Vec<String>,
    /// Options that it gives to the C compiler, in command-line order.
    pub ccopts: Vec<String>,
}

/// What a `.cmx`, or the entry of a `.cmxa`, says of one unit.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct CmxUnit {
    /// The unit's name (`Base__List`).
    pub name: Name,
    /// What its symbols start with, without `caml`.
    pub symbol: Name,
    /// The units that it defines: itself, or the members of a `-pack` and itself last.
    pub defines: Vec<Name>,
    /// The interfaces that it was compiled against, itself included, as in the file.
    pub imports_cmi: Vec<Name>,
    /// For each of `imports_cmi`, whether its digest is recorded: not for those that are only named through aliases.
    pub has_cmi_digest: Vec<bool>,
    /// The units that it records: those that the linker takes for its sake. As in the file; a unit that was compiled
    /// from others of its own name may list itself.
    pub imports_cmx: Vec<Name>,
    /// Whether the linker keeps it as soon as its archive is on the command line.
    pub force_link: bool,
    /// Arities for which the start-up code must hold a currying function (negative: tupled).
    pub curry_fun: Vec<i64>,
    /// Arities for which the start-up code must hold an application function.
    pub apply_fun: Vec<i64>,
    /// Arities for which the start-up code must hold a method call.
    pub send_fun: Vec<i64>,
}

/// Format numbers of OCaml 4.08 (025), 4.13 (030), 5.0 (032), 5.3 (035).
const OLDEST: u32 = 25;
/// One past the newest that was checked by hand: the shape is verified anyway.
const NEWEST: u32 = 37;

/// Reads a `.cmxa`.
///
/// **Errors**: see [`CmxaError`]; never panics, and takes memory in proportion to `bytes`.
pub fn read_cmxa(bytes: &[u8]) -> Result<CmxaInfo, CmxaError> {
    let data = skip_magic(bytes, b'Z', ".cmxa")?;
    let (heap, root) = marshal::read(data)?;
    let Some(&[units, ccobjs, ccopts]) = heap.record(root) else {
        return Err(CmxaError::Shape("the library record"));
    };
    let units = heap.list(units).ok_or(CmxaError::Shape("the list of units"))?;
    let unit = |entry| match heap.record(entry) {
        Some(&[infos, _crc]) => read_unit(&heap, infos),
        _ => Err(CmxaError::Shape("an entry of the list of units")),
    };
    Ok(CmxaInfo {
        units: units.into_iter().map(unit).collect::<Result<_, _>>()?,
        ccobjs: reversed_strings(&heap, ccobjs)?,
        ccopts: reversed_strings(&heap, ccopts)?,
    })
}

/// Reads a `.cmx`.
///
/// **Errors**: see [`CmxaError`]; never panics, and takes memory in proportion to `bytes`.
pub fn read_cmx(bytes: &[u8]) -> Result<CmxUnit, CmxaError> {
    let data = skip_magic(bytes, b'Y', ".cmx")?;
    let (heap, root) = marshal::read(data)?;
    read_unit(&heap, root)
}

/// Checks `Caml1999Z030` and returns what follows.
pub(super) fn skip_magic<'a>(
    bytes: &'a [u8],
    letter: u8,
    expected: &'static str,
) -> Result<&'a [u8], CmxaError> {
    let (magic, data) = bytes.split_at_checked(12).ok_or(CmxaError::BadMagic { expected })?;
    let digits =
        std::str::from_utf8(&magic[9..]).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    let version = digits.and_then(|digits| digits.parse().ok());
    match version {
        Some(version) if magic.starts_with(b"Caml1999") && magic[8] == letter => {
            if (OLDEST..=NEWEST).contains(&version) {
                Ok(data)
            } else {
                Err(CmxaError::UnknownVersion { expected, version, oldest: OLDEST, newest: NEWEST })
            }
        }
        _ => Err(CmxaError::BadMagic { expected }),
    }
}

/// Reads a `unit_infos` record: ten fields to OCaml 4.14, eleven (`ui_for_pack`) later.
fn read_unit(heap: &Heap<'_>, value: Value<'_>) -> Result<CmxUnit, CmxaError> {
    let record = heap.record(value).filter(|fields| fields.len() >= 10);
    let record = record.ok_or(CmxaError::Shape("the record of a unit"))?;
    let string = |value, what| match value {
        Value::Str(bytes) => Ok(name_of(bytes)),
        _ => Err(CmxaError::Shape(what)),
    };
    let strings = |value, what| {
        let list = heap.list(value).ok_or(CmxaError::Shape(what))?;
        list.into_iter().map(|element| string(element, what)).collect::<Result<Vec<_>, _>>()
    };
    // `(modname * Digest.t option) list`
    let imports = |value, what| {
        let list = heap.list(value).ok_or(CmxaError::Shape(what))?;
        let first = |pair| match heap.record(pair) {
            Some(&[import, crc]) => Ok((string(import, what)?, matches!(crc, Value::Block(_)))),
            _ => Err(CmxaError::Shape(what)),
        };
        list.into_iter().map(first).collect::<Result<Vec<_>, _>>()
    };
    let arities = |value, what| {
        let list = heap.list(value).ok_or(CmxaError::Shape(what))?;
        let arity = |element| match element {
            Value::Int(arity) => Ok(arity),
            _ => Err(CmxaError::Shape(what)),
        };
        list.into_iter().map(arity).collect::<Result<Vec<_>, _>>()
    };
    let cmi = imports(record[3], "the list of imported interfaces")?;
    let cmx = imports(record[4], "the list of recorded units")?;
    Ok(CmxUnit {
        name: string(record[0], "the name of a unit")?,
        symbol: string(record[1], "the symbol of a unit")?,
        defines: strings(record[2], "the list of defined units")?,
        imports_cmi: cmi.iter().map(|&(import, _)| import).collect(),
        has_cmi_digest: cmi.into_iter().map(|(_, has_digest)| has_digest).collect(),
        imports_cmx: cmx.into_iter().map(|(import, _)| import).collect(),
        curry_fun: arities(record[5], "the list of currying functions")?,
        apply_fun: arities(record[6], "the list of application functions")?,
        send_fun: arities(record[7], "the list of method calls")?,
        force_link: match record[9] {
            Value::Int(0) => false,
            Value::Int(1) => true,
            _ => return Err(CmxaError::Shape("the flag for forced linking")),
        },
    })
}

/// Reads a list of strings that the compiler keeps in reverse.
fn reversed_strings(heap: &Heap<'_>, value: Value<'_>) -> Result<Vec<String>, CmxaError> {
    let list = heap.list(value).ok_or(CmxaError::Shape("a list of C options"))?;
    let string = |element| match element {
        Value::Str(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        _ => Err(CmxaError::Shape("a list of C options")),
    };
    list.into_iter().rev().map(string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::name;

    /// A `.cmx` of `Ab` that records `C` and is forced, of the given format and number of fields.
    fn sample(magic: &str, n_fields: u8) -> Vec<u8> {
        let mut data = vec![0x08, 0, 0, n_fields << 2, 0];
        data.extend(b"\x22Ab\x22Ab"); // name, symbol
        data.extend(b"\xa0\x04\x02\x40"); // defines = [symbol, shared]
        data.extend(b"\x40"); // imports_cmi = []
        data.extend(b"\xa0\xa0\x21C\x40\x40"); // imports_cmx = ["C", None]
        data.extend(b"\xa0\x43\x40\xa0\x00\xfe\x40\x40"); // curry 3, apply -2, send none
        data.extend(b"\x40\x41"); // export info, forced
        data.extend(std::iter::repeat_n(0x40, n_fields as usize - 10));
        let mut bytes = magic.as_bytes().to_vec();
        bytes.extend([0x84, 0x95, 0xa6, 0xbe]);
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn records_of_ten_and_eleven_fields() {
        for bytes in [sample("Caml1999Y030", 10), sample("Caml1999Y035", 11)] {
            let unit = read_cmx(&bytes).expect("a sound file");
            assert_eq!((unit.name, unit.symbol, unit.force_link), (name("Ab"), name("Ab"), true));
            assert_eq!(unit.defines, [name("Ab")]);
            assert_eq!((unit.imports_cmi, unit.imports_cmx), (vec![], vec![name("C")]));
            assert_eq!((unit.curry_fun, unit.apply_fun, unit.send_fun), (vec![3], vec![-2], vec![]));
        }
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        assert_eq!(read_cmx(b"!<arch>\n....."), Err(CmxaError::BadMagic { expected: ".cmx" }));
        assert_eq!(read_cmxa(&sample("Caml1999Y030", 10)), Err(CmxaError::BadMagic { expected: ".cmxa" }));
        let old = read_cmx(&sample("Caml1999Y011", 10)).expect_err("too old");
        assert!(old.to_string().contains("format 11"), "{old}");
        let short = read_cmx(&sample("Caml1999Y030", 10)[..40]).expect_err("cut");
        assert!(matches!(short, CmxaError::Marshal(MarshalError::Truncated(_))), "{short}");
    }
}
