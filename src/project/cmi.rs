//! What a compiled interface says, as the text of a signature.
//!
//! Takes the bytes of a `.cmi`, gives text that the parser of `.mli` files reads: the names that the unit exports,
//! submodules with theirs, functors, module types, and aliases. An alias that is only a name (*absent*) stays one; one
//! that is a field besides is given the signature of what it stands for. Stands in for an interface where a library is
//! installed without sources. Left out on purpose: types of values, parameters and bodies of types (constructors and
//! fields are kept), methods; nothing that is linked depends on them.
//!
//! APPROX: names stand for the compiler's stamped identifiers, so that a path to a name which a later item of the same
//! signature hides reads as the later one.
//!
//! Source: `typing/types.mli`, `ident.ml`, `path.mli` and `file_formats/cmi_format.ml` of OCaml 4.13 and 5.3.

use super::marshal::{self, Heap, MarshalError, Value};
use std::fmt::Write as _;
use thiserror::Error;

/// Why a compiled interface could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CmiError {
    /// The file does not start with the magic of its kind.
    #[error("not a .cmi file")]
    BadMagic,
    /// A format that has other records than those known here.
    #[error(
        "a .cmi file of an OCaml version that is not supported (format {0}, known are 30 and 35: OCaml 4.13 and 5.3)"
    )]
    UnknownVersion(u32),
    /// The marshalled data is damaged.
    #[error(transparent)]
    Marshal(#[from] MarshalError),
    /// The data is not what the format says.
    #[error("{0} of the .cmi file is not what the format says")]
    Shape(&'static str),
    /// The signature, written out, is larger than any real one.
    #[error("the signature of the .cmi file is too large when it is written out")]
    TooLarge,
}

/// The formats that are read.
const FORMAT_4_13: u32 = 30;
const FORMAT_5_3: u32 = 35;
/// The text of a signature, at most: shared parts are written out each time.
const MAX_TEXT: usize = 64 << 20;
/// Signatures nested in each other, at most.
const MAX_DEPTH: u32 = 200;

/// Returns the signature of a compiled interface as text.
///
/// # Errors
/// See [`CmiError`]; the message names the cause.
pub fn interface_text(bytes: &[u8]) -> Result<String, CmiError> {
    let (magic, data) = bytes.split_at_checked(12).ok_or(CmiError::BadMagic)?;
    let version = magic.strip_prefix(b"Caml1999I").and_then(|digits| std::str::from_utf8(digits).ok());
    let version: u32 = version.and_then(|digits| digits.parse().ok()).ok_or(CmiError::BadMagic)?;
    if !matches!(version, FORMAT_4_13 | FORMAT_5_3) {
        return Err(CmiError::UnknownVersion(version));
    }
    let (heap, root) = marshal::read(data)?;
    let Some(&[_, signature]) = heap.record(root) else { return Err(CmiError::Shape("the first record")) };
    let mut writer = Writer { heap: &heap, version, text: String::new(), depth: 0 };
    writer.signature(signature)?;
    Ok(writer.text)
}

struct Writer<'h, 'a> {
    heap: &'h Heap<'a>,
    version: u32,
    text: String,
    depth: u32,
}

type Written = Result<(), CmiError>;

impl<'h, 'a> Writer<'h, 'a> {
    fn signature(&mut self, value: Value<'a>) -> Written {
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.text.len() > MAX_TEXT {
            return Err(CmiError::TooLarge);
        }
        let items = self.heap.list(value).ok_or(CmiError::Shape("a signature"))?;
        // A class is followed by the class type and the types of its name.
        let mut class = "";
        for item in items {
            let (tag, fields) = self.block(item, "an item of a signature")?;
            let Some((&ident, rest)) = fields.split_first() else {
                return Err(CmiError::Shape("an item of a signature"));
            };
            let name = self.ident(ident)?;
            let is_of_class = class == name && matches!(tag, 1 | 6);
            if matches!(tag, 5 | 6) {
                class = name;
            }
            if !is_of_class {
                self.item(tag, name, rest)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn item(&mut self, tag: u8, name: &'h str, fields: &'h [Value<'a>]) -> Written {
        const HIDDEN: Value<'_> = Value::Int(1);
        let is_hidden = fields.last() == Some(&HIDDEN);
        match (tag, fields) {
            // What a later item hides is there for the items between only: as part of paths.
            (0 | 1 | 2 | 5 | 6, _) if is_hidden => Ok(()),
            (0, &[description, _]) => self.value(name, description),
            (1, &[declaration, ..]) => self.type_declaration(name, declaration),
            (2, &[constructor, status, _]) => self.extension(name, constructor, status),
            (3, &[presence, declaration, ..]) => self.module(name, presence, declaration),
            (4, &[declaration, _]) => self.module_type_declaration(name, declaration),
            (5, &[declaration, ..]) => self.class(name, declaration, "class"),
            (6, &[declaration, ..]) => self.class(name, declaration, "class type"),
            _ => Err(CmiError::Shape("an item of a signature")),
        }
    }

    fn value(&mut self, name: &str, description: Value<'a>) -> Written {
        let fields = self.record(description, "the description of a value")?;
        let kind = *fields.get(1).ok_or(CmiError::Shape("the description of a value"))?;
        let shown = if is_operator(name) { format!("( {name} )") } else { name.to_owned() };
        match kind {
            Value::Block(block) if block.tag == 0 => {
                let primitive = self.heap.fields(block).first().copied();
                let primitive = primitive.and_then(|primitive| self.heap.record(primitive)?.first().copied());
                let primitive = self.string(primitive.ok_or(CmiError::Shape("a primitive"))?)?;
                self.line(format_args!("external {shown} : unit = {primitive:?}"))
            }
            _ => self.line(format_args!("val {shown} : unit")),
        }
    }

    fn type_declaration(&mut self, name: &str, declaration: Value<'a>) -> Written {
        if name.contains('#') {
            return Ok(());
        }
        let fields = self.record(declaration, "the declaration of a type")?;
        let kind = *fields.get(2).ok_or(CmiError::Shape("the declaration of a type"))?;
        let (is_record, block) = match kind {
            Value::Block(block) => match block.tag.checked_sub(u8::from(self.version == FORMAT_5_3)) {
                Some(tag @ (0 | 1)) => (tag == 0, block),
                _ => return self.line(format_args!("type {name}")),
            },
            Value::Int(0) if self.version == FORMAT_4_13 => return self.line(format_args!("type {name}")),
            _ => return self.line(format_args!("type {name} = ..")),
        };
        let parts = self.heap.fields(block).first().and_then(|&list| self.heap.list(list));
        let parts = parts.ok_or(CmiError::Shape("the constructors or fields of a type"))?;
        let mut body = String::new();
        for part in parts {
            let fields = self.record(part, "a constructor or field")?;
            let part = self.ident(*fields.first().ok_or(CmiError::Shape("a constructor or field"))?)?;
            if is_record {
                let _ = write!(body, "{part} : unit; ");
                continue;
            }
            let has_arguments = match fields.get(1) {
                Some(&Value::Block(block)) => {
                    block.tag == 1 || self.heap.fields(block).first() != Some(&Value::Int(0))
                }
                _ => return Err(CmiError::Shape("the arguments of a constructor")),
            };
            let part = if part == "::" { "(::)" } else { part };
            let _ = write!(body, "| {part} {}", if has_arguments { "of unit " } else { "" });
        }
        match (is_record, body.is_empty()) {
            (_, true) => self.line(format_args!("type {name} = |")),
            (true, _) => self.line(format_args!("type {name} = {{ {body}}}")),
            (false, _) => self.line(format_args!("type {name} = {body}")),
        }
    }

    fn extension(&mut self, name: &str, constructor: Value<'a>, status: Value<'a>) -> Written {
        if status == Value::Int(2) {
            return self.line(format_args!("exception {name}"));
        }
        let fields = self.record(constructor, "an extension constructor")?;
        let of = self.path(*fields.first().ok_or(CmiError::Shape("an extension constructor"))?, 0)?;
        self.line(format_args!("type {of} += {name}"))
    }

    fn module(&mut self, name: &str, presence: Value<'a>, declaration: Value<'a>) -> Written {
        let fields = self.record(declaration, "the declaration of a module")?;
        let ty = *fields.first().ok_or(CmiError::Shape("the declaration of a module"))?;
        const ABSENT: Value<'_> = Value::Int(1);
        if let (ABSENT, (3, &[path])) = (presence, self.block(ty, "a module type")?) {
            let path = self.path(path, 0)?;
            return self.line(format_args!("module {name} = {path}"));
        }
        let _ = write!(self.text, "module {name} : ");
        self.module_type(ty)?;
        self.text.push('\n');
        Ok(())
    }

    fn module_type_declaration(&mut self, name: &str, declaration: Value<'a>) -> Written {
        let fields = self.record(declaration, "the declaration of a module type")?;
        match fields.first() {
            Some(Value::Int(0)) => self.line(format_args!("module type {name}")),
            Some(&some) => {
                let ty = self.heap.record(some).and_then(|fields| fields.first().copied());
                let _ = write!(self.text, "module type {name} = ");
                self.module_type(ty.ok_or(CmiError::Shape("the declaration of a module type"))?)?;
                self.text.push('\n');
                Ok(())
            }
            None => Err(CmiError::Shape("the declaration of a module type")),
        }
    }

    fn module_type(&mut self, ty: Value<'a>) -> Written {
        match self.block(ty, "a module type")? {
            (0, &[path]) => {
                let path = self.path(path, 0)?;
                self.text.push_str(&path);
            }
            (1, &[signature]) => {
                self.text.push_str("sig\n");
                self.signature(signature)?;
                self.text.push_str("end");
            }
            (2, &[parameter, result]) => {
                self.parameter(parameter)?;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(CmiError::TooLarge);
                }
                self.module_type(result)?;
                self.depth -= 1;
            }
            (3, &[path]) => {
                let path = self.path(path, 0)?;
                let _ = write!(self.text, "module type of struct include {path} end");
            }
            _ => return Err(CmiError::Shape("a module type")),
        }
        Ok(())
    }

    fn parameter(&mut self, parameter: Value<'a>) -> Written {
        let Value::Block(block) = parameter else {
            self.text.push_str("functor () -> ");
            return Ok(());
        };
        let &[ident, ty] = self.heap.fields(block) else { return Err(CmiError::Shape("a parameter")) };
        let name = match self.heap.record(ident).and_then(|some| some.first().copied()) {
            Some(ident) => self.ident(ident)?,
            None => "_",
        };
        let _ = write!(self.text, "functor ({name} : ");
        self.module_type(ty)?;
        self.text.push_str(") -> ");
        Ok(())
    }

    /// Writes a class with its instance variables, which classes that inherit from it name.
    fn class(&mut self, name: &str, declaration: Value<'a>, keyword: &str) -> Written {
        let fields = self.record(declaration, "the declaration of a class")?;
        let mut ty = *fields.get(1).ok_or(CmiError::Shape("the declaration of a class"))?;
        let is = if keyword == "class" { ":" } else { "=" };
        let mut variables = Vec::new();
        for _ in 0..MAX_DEPTH {
            ty = match self.block(ty, "the type of a class")? {
                (0 | 2, &[_, _, inner]) => inner,
                (1, &[signature]) => {
                    let fields = self.record(signature, "the signature of a class")?;
                    let place = if self.version == FORMAT_5_3 { 2 } else { 1 };
                    let map = *fields.get(place).ok_or(CmiError::Shape("the signature of a class"))?;
                    self.keys(map, 0, &mut variables)?;
                    break;
                }
                _ => return Err(CmiError::Shape("the type of a class")),
            };
        }
        let variables: String = variables.iter().map(|name| format!("val {name} : unit ")).collect();
        self.line(format_args!("{keyword} {name} {is} object {variables}end"))
    }

    /// Collects the keys of a map, in order.
    fn keys(&self, map: Value<'a>, depth: u32, keys: &mut Vec<&'h str>) -> Written {
        if depth > 64 {
            return Err(CmiError::Shape("a map"));
        }
        if let Some(fields) = self.heap.record(map) {
            let &[left, key, _, right, _] = fields else { return Err(CmiError::Shape("a map")) };
            self.keys(left, depth + 1, keys)?;
            keys.push(self.string(key)?);
            self.keys(right, depth + 1, keys)?;
        }
        Ok(())
    }

    /// Returns a path as it is written.
    fn path(&self, path: Value<'a>, depth: u32) -> Result<String, CmiError> {
        if depth > MAX_DEPTH {
            return Err(CmiError::Shape("a path"));
        }
        match self.block(path, "a path")? {
            (0, &[ident]) => Ok(self.ident(ident)?.to_owned()),
            (1, &[module, member]) => Ok(self.path(module, depth + 1)? + "." + self.string(member)?),
            (2, &[functor, argument]) => {
                let argument = self.path(argument, depth + 1)?;
                Ok(format!("{}({argument})", self.path(functor, depth + 1)?))
            }
            (3, &[path, _]) => self.path(path, depth + 1),
            _ => Err(CmiError::Shape("a path")),
        }
    }

    fn ident(&self, ident: Value<'a>) -> Result<&'h str, CmiError> {
        let (_, fields) = self.block(ident, "an identifier")?;
        self.string(*fields.first().ok_or(CmiError::Shape("an identifier"))?)
    }

    fn string(&self, value: Value<'a>) -> Result<&'a str, CmiError> {
        match value {
            Value::Str(bytes) => std::str::from_utf8(bytes).map_err(|_| CmiError::Shape("a name")),
            _ => Err(CmiError::Shape("a name")),
        }
    }

    fn record(&self, value: Value<'a>, what: &'static str) -> Result<&'h [Value<'a>], CmiError> {
        self.heap.record(value).ok_or(CmiError::Shape(what))
    }

    fn block(&self, value: Value<'a>, what: &'static str) -> Result<(u8, &'h [Value<'a>]), CmiError> {
        let Value::Block(block) = value else { return Err(CmiError::Shape(what)) };
        Ok((block.tag, self.heap.fields(block)))
    }

    fn line(&mut self, line: std::fmt::Arguments) -> Written {
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }
}

/// Whether the name of a value stands in parentheses.
fn is_operator(name: &str) -> bool {
    const WORDS: [&str; 8] = ["or", "mod", "land", "lor", "lxor", "lsl", "lsr", "asr"];
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'');
    WORDS.contains(&name) || !name.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a magic and a small header before `data`.
    fn cmi(magic: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = magic.as_bytes().to_vec();
        bytes.extend([0x84, 0x95, 0xa6, 0xbe]);
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend(data);
        bytes
    }

    /// `module L = List`, absent, in a unit `M`.
    const ALIAS: &[u8] =
        b"\xa0\x21M\xa0\xd3\xa0\x21L\x41\x41\xc0\x93\x90\x92\x24List\x40\x40\x40\x40\x40\x40";

    #[test]
    fn an_alias_in_a_signature() {
        let bytes = cmi("Caml1999I030", ALIAS);
        assert_eq!(interface_text(&bytes).as_deref(), Ok("module L = List\n"));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        assert_eq!(interface_text(b"Caml1999Y030...."), Err(CmiError::BadMagic));
        assert_eq!(interface_text(b"Caml"), Err(CmiError::BadMagic));
        assert_eq!(interface_text(&cmi("Caml1999I021", ALIAS)), Err(CmiError::UnknownVersion(21)));
    }

    #[test]
    fn every_cut_and_every_changed_byte_gives_an_answer() {
        let bytes = cmi("Caml1999I030", ALIAS);
        for cut in 0..bytes.len() {
            assert!(interface_text(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 32..bytes.len() {
            for byte in 0..=255 {
                let mut changed = bytes.clone();
                changed[at] = byte;
                let _ = interface_text(&changed);
            }
        }
    }
}
