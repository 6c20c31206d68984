//! Constants of bytecode units, written as `ocamlc` writes them into a program.
//!
//! Takes the constants of one unit's file, gives the bytes that they are in the table of globals (section `DATA`). What the file
//! shares stays shared: strings and boxed integers are the very values of the file, while blocks are made anew up to OCaml 5.1,
//! whose files hold `Lambda.structured_constant`; later files hold the values themselves.
//!
//! Source: `bytecomp/symtable.ml` (`transl_const`) of OCaml 4.13 and 5.3; `runtime/extern.c` for the codes.

use super::marshal::{Heap, Value};
use rustc_hash::FxHashMap;

/// The constants of one unit, being written.
pub(super) struct Constants<'h, 'a> {
    heap: &'h Heap<'a>,
    /// Whether the file holds values.
    are_values: bool,
    /// What has been written.
    pub(super) written: Vec<u8>,
    /// Blocks, strings and boxed numbers so far: what a back reference counts.
    n_objects: u64,
    /// What may be referred to again, with its number.
    seen: FxHashMap<Identity, u64>,
}

/// What makes two values one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    /// Address in the file.
    Bytes(usize),
    /// A block of the heap.
    Block(u32),
}

/// Steps in one constant, at most: a block that is shared is written once for each use, and a broken file could claim anything.
const MAX_STEPS: usize = 1 << 20;

impl<'h, 'a> Constants<'h, 'a> {
    pub(super) fn new(heap: &'h Heap<'a>, are_values: bool) -> Self {
        Constants { heap, are_values, written: Vec::new(), n_objects: 0, seen: FxHashMap::default() }
    }

    /// Writes one constant.
    pub(super) fn push(&mut self, constant: Value<'a>) {
        let mut todo = vec![constant];
        for _ in 0..MAX_STEPS {
            let Some(value) = todo.pop() else { break };
            if self.are_values {
                self.value(value, &mut todo);
            } else {
                self.constant(value, &mut todo);
            }
        }
    }

    /// Writes a value as it is; its fields are put on `todo`.
    fn value(&mut self, value: Value<'a>, todo: &mut Vec<Value<'a>>) {
        let Value::Block(block) = value else { return self.plain(value) };
        let heap = self.heap;
        let fields = heap.fields(block);
        if let Some(identity) = heap.identity(block)
            && !self.is_new(Identity::Block(identity))
        {
            return;
        }
        self.head(block.tag, fields.len());
        todo.extend(fields.iter().rev());
    }

    /// Writes the value that a `Lambda.structured_constant` stands for.
    fn constant(&mut self, constant: Value<'a>, todo: &mut Vec<Value<'a>>) {
        let heap = self.heap;
        let Value::Block(block) = constant else { return self.plain(constant) };
        match (block.tag, heap.fields(block)) {
            // `Const_base` of a base constant.
            (0, &[Value::Block(base)]) => self.base(base.tag, heap.fields(base)),
            // `Const_block (tag, fields)`.
            (1, &[Value::Int(tag), list]) if heap.list(list).is_some() => {
                let fields = heap.list(list).unwrap_or_default();
                self.head(tag as u8, fields.len());
                self.n_objects += u64::from(!fields.is_empty());
                todo.extend(fields.iter().rev());
            }
            // `Const_float_array`.
            (2, &[numbers]) if heap.list(numbers).is_some() => {
                let numbers = heap.list(numbers).unwrap_or_default();
                match u8::try_from(numbers.len()) {
                    Ok(n) => self.written.extend([0x0e, n]),
                    Err(_) => {
                        self.written.push(0x07);
                        self.written.extend((numbers.len() as u32).to_be_bytes());
                    }
                }
                self.n_objects += 1;
                numbers.into_iter().for_each(|number| self.number(number));
            }
            // `Const_immstring`.
            (3, &[text @ Value::Str(_)]) => self.plain(text),
            (tag, fields) => {
                self.head(tag, fields.len());
                self.n_objects += u64::from(!fields.is_empty());
                todo.extend(fields.iter().rev());
            }
        }
    }

    /// `Asttypes.constant`: int, char, string, float, int32, int64, nativeint.
    fn base(&mut self, tag: u8, fields: &[Value<'a>]) {
        match (tag, fields.first()) {
            (3, Some(&number)) => {
                self.written.push(0x0c);
                self.n_objects += 1;
                self.number(number);
            }
            (_, Some(&value)) => self.plain(value),
            (_, None) => self.plain(Value::Int(0)),
        }
    }

    /// The eight bytes of a float that the file spells out.
    fn number(&mut self, text: Value<'a>) {
        let text = if let Value::Str(text) = text { std::str::from_utf8(text).unwrap_or("") } else { "" };
        let number: f64 = text.replace('_', "").parse().unwrap_or(0.0);
        self.written.extend(number.to_le_bytes());
    }

    /// Writes what has no fields.
    fn plain(&mut self, value: Value<'a>) {
        match value {
            Value::Int(n) => self.written.extend(integer(n)),
            Value::Str(text) => {
                // The byte before is its length: no two strings of a file have one address, empty ones neither.
                if self.is_new(Identity::Bytes(text.as_ptr() as usize)) {
                    self.written.extend(string_head(text.len()));
                    self.written.extend(text);
                }
            }
            Value::Opaque(bytes) => {
                if self.is_new(Identity::Bytes(bytes.as_ptr() as usize)) {
                    self.written.extend(bytes);
                }
            }
            Value::Block(block) => self.head(block.tag, 0),
        }
    }

    /// Counts something that may be referred to; where it has been written before, writes the reference.
    fn is_new(&mut self, identity: Identity) -> bool {
        if let Some(&number) = self.seen.get(&identity) {
            let back = self.n_objects - number;
            match (u8::try_from(back), u16::try_from(back)) {
                (Ok(back), _) => self.written.extend([0x04, back]),
                (_, Ok(back)) => {
                    self.written.push(0x05);
                    self.written.extend(back.to_be_bytes());
                }
                _ => {
                    self.written.push(0x06);
                    self.written.extend((back as u32).to_be_bytes());
                }
            }
            return false;
        }
        self.seen.insert(identity, self.n_objects);
        self.n_objects += 1;
        true
    }

    fn head(&mut self, tag: u8, n_fields: usize) {
        if tag < 16 && n_fields < 8 {
            self.written.push(0x80 | tag | (n_fields as u8) << 4);
        } else {
            self.written.push(0x08);
            self.written.extend(((n_fields as u32) << 10 | u32::from(tag)).to_be_bytes());
        }
    }
}

/// A marshalled integer.
pub(super) fn integer(n: i64) -> Vec<u8> {
    let long = |code: u8, bytes: &[u8]| [&[code], bytes].concat();
    match n {
        0..=63 => vec![0x40 | n as u8],
        _ if i8::try_from(n).is_ok() => long(0x00, &(n as i8).to_be_bytes()),
        _ if i16::try_from(n).is_ok() => long(0x01, &(n as i16).to_be_bytes()),
        _ if i32::try_from(n).is_ok() => long(0x02, &(n as i32).to_be_bytes()),
        _ => long(0x03, &n.to_be_bytes()),
    }
}

/// What stands before the text of a marshalled string.
fn string_head(len: usize) -> Vec<u8> {
    match u8::try_from(len) {
        Ok(short) if short < 32 => vec![0x20 | short],
        Ok(byte) => vec![0x09, byte],
        Err(_) => [&[0x0a], &(len as u32).to_be_bytes()[..]].concat(),
    }
}

/// Bytes of a marshalled string.
#[must_use]
pub fn string_len(len: usize) -> u64 {
    (string_head(len).len() + len) as u64
}

/// Writes a marshalled string.
pub(crate) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.extend(string_head(text.len()));
    out.extend(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::marshal;

    /// Small data behind a header, read and written again.
    fn written(data: &[u8], are_values: bool) -> Vec<u8> {
        let mut bytes = vec![0x84, 0x95, 0xa6, 0xbe];
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend(data);
        let (heap, root) = marshal::read(&bytes).expect("sound data");
        let mut constants = Constants::new(&heap, are_values);
        constants.push(root);
        constants.written
    }

    /// `("ab", "ab" (the same), 300, [|..8 fields..|])`, and what refers back across blocks.
    #[test]
    fn values_are_written_as_they_were_read() {
        let data = [
            0xc0, 0x22, b'a', b'b', 0x04, 1, 0x01, 1, 44, 0x08, 0, 0, 0x20, 0, 0x40, 0x41, 0x42, 0x43, 0x44,
            0x45, 0x46, 0x04, 2,
        ];
        assert_eq!(written(&data, true), data);
    }

    /// `Const_block (0, [Const_immstring s; Const_base (Const_int 3); Const_immstring s])` is `(s, 3, s)`: the string is one.
    #[test]
    fn a_constant_is_written_as_the_value_that_it_stands_for() {
        let data = [
            0xa1, 0x40, // Const_block, tag 0, list
            0xa0, 0x93, 0x22, b'h', b'i', // Const_immstring "hi"
            0xa0, 0x90, 0x90, 0x43, // Const_base (Const_int 3)
            0xa0, 0x93, 0x04, 6, // the same string
            0x40,
        ];
        assert_eq!(written(&data, false), [0xb0, 0x22, b'h', b'i', 0x43, 0x04, 1]);
    }

    #[test]
    fn integers_and_strings_have_their_lengths() {
        for (n, len) in [(0, 1), (63, 1), (64, 2), (-1, 2), (-128, 2), (128, 3), (-32769, 5), (1 << 40, 9)] {
            assert_eq!(integer(n).len(), len, "{n}");
        }
        assert_eq!([0, 31, 32, 255, 256].map(string_len), [1, 32, 34, 257, 261]);
    }
}
