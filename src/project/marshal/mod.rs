//! Reads OCaml's marshalled data into an arena: what `.cmxa`, `.cmx`, `.cma` and `.cmo` files keep behind their magic.
//!
//! Takes bytes, gives a [`Heap`] of values that borrow them. Bounded: each field of a block takes a byte of input, so
//! a block that promises more fields than there are bytes is refused before anything is allocated; an explicit stack
//! stands in for recursion. Left out on purpose: closures and code pointers (no compiler file holds them), custom
//! blocks other than boxed integers, and data that is compressed (the compiler does that to `.cmi` and `.cmt` only).
//!
//! Source: `runtime/intern.c` and `runtime/caml/intext.h` of OCaml 4.13 and 5.3.

#[cfg(test)]
mod tests;

use thiserror::Error;

/// Why marshalled data could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MarshalError {
    /// The data ends before the value does.
    #[error("the marshalled data ends too early, at byte {0}")]
    Truncated(usize),
    /// The header is not one of marshalled data.
    #[error("no marshalled data here (its first word is {0:#010x})")]
    BadHeader(u32),
    /// The data is compressed.
    #[error("the marshalled data is compressed, which is not supported")]
    Compressed,
    /// Something that no compiler file holds.
    #[error("code {code:#04x} at byte {at} of the marshalled data is not supported")]
    Unsupported {
        /// The code.
        code: u8,
        /// Where it is.
        at: usize,
    },
    /// A block larger than the data, or a reference to a block that was not read yet.
    #[error("the marshalled data contradicts itself at byte {0}")]
    Inconsistent(usize),
}

/// One OCaml value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Value<'a> {
    /// An immediate: integer, character, constant constructor.
    Int(i64),
    /// A block with fields.
    Block(Block),
    /// A string.
    Str(&'a [u8]),
    /// A float, an array of floats, or a boxed integer, as it is written: nothing that we look into.
    Opaque(&'a [u8]),
}

/// A block of a [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Block {
    /// The constructor's number.
    pub(super) tag: u8,
    /// Index of the first field.
    first: u32,
    /// Number of fields.
    len: u32,
}

/// The values of one marshalled piece of data.
#[derive(Clone, Debug, Default)]
pub(super) struct Heap<'a> {
    /// Fields of all blocks; those of one block are adjacent.
    fields: Vec<Value<'a>>,
}

impl<'a> Heap<'a> {
    /// Returns the fields of a block.
    pub(super) fn fields(&self, block: Block) -> &[Value<'a>] {
        &self.fields[block.first as usize..(block.first + block.len) as usize]
    }

    /// Returns what tells a block from all others of the heap; nothing for one without fields, which is everywhere the same.
    pub(super) fn identity(&self, block: Block) -> Option<u32> {
        (block.len > 0).then_some(block.first)
    }

    /// Returns the fields of a value that is a block.
    pub(super) fn record(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match value {
            Value::Block(block) => Some(self.fields(block)),
            _ => None,
        }
    }

    /// Returns the elements of an OCaml list; `None` when the value is no list.
    pub(super) fn list(&self, mut value: Value<'a>) -> Option<Vec<Value<'a>>> {
        let mut elements = Vec::new();
        loop {
            match value {
                Value::Int(0) => return Some(elements),
                Value::Block(block) if block.len == 2 => {
                    let cell = self.fields(block);
                    elements.push(cell[0]);
                    value = cell[1];
                    // Shared blocks make cyclic lists possible; a list cannot have more cells than the heap.
                    if elements.len() > self.fields.len() {
                        return None;
                    }
                }
                _ => return None,
            }
        }
    }
}

/// Reads the value at the start of `bytes`.
///
/// **Errors**: see [`MarshalError`]; bytes behind the value are left alone.
pub(super) fn read(bytes: &[u8]) -> Result<(Heap<'_>, Value<'_>), MarshalError> {
    let mut input = Input { bytes, at: 0 };
    let (n_data, n_shared, n_words) = match input.u32()? {
        0x8495_A6BE => {
            let n_data = u64::from(input.u32()?);
            let n_shared = u64::from(input.u32()?);
            input.skip(4)?;
            (n_data, n_shared, u64::from(input.u32()?))
        }
        0x8495_A6BF => {
            input.skip(4)?;
            (input.u64()?, input.u64()?, input.u64()?)
        }
        0x8495_A6BD => return Err(MarshalError::Compressed),
        other => return Err(MarshalError::BadHeader(other)),
    };
    let end = usize::try_from(n_data).ok().and_then(|n| n.checked_add(input.at));
    match end {
        Some(end) if end <= bytes.len() => input.bytes = &bytes[..end],
        _ => return Err(MarshalError::Truncated(bytes.len())),
    }
    // Room for all at once: growing would move it, page by page, again and again. The header may lie; each value takes a byte.
    let room = |n: u64| n.min(n_data) as usize;
    // In memory each block has a word in front, and so has each string.
    let heap = Heap { fields: Vec::with_capacity(room(n_words.saturating_sub(n_shared))) };
    Reader { input, heap, shared: Vec::with_capacity(room(n_shared)), pending: 0 }.value()
}

/// A cursor over big-endian data.
struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, n: u64) -> Result<&'a [u8], MarshalError> {
        let end = usize::try_from(n).ok().and_then(|n| self.at.checked_add(n));
        let slice =
            end.and_then(|end| self.bytes.get(self.at..end)).ok_or(MarshalError::Truncated(self.at))?;
        self.at += slice.len();
        Ok(slice)
    }
    fn skip(&mut self, n: u64) -> Result<(), MarshalError> {
        self.take(n).map(|_| ())
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N], MarshalError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }
    fn u8(&mut self) -> Result<u8, MarshalError> {
        Ok(self.array::<1>()?[0])
    }
    fn u16(&mut self) -> Result<u16, MarshalError> {
        Ok(u16::from_be_bytes(self.array()?))
    }
    fn u32(&mut self) -> Result<u32, MarshalError> {
        Ok(u32::from_be_bytes(self.array()?))
    }
    fn u64(&mut self) -> Result<u64, MarshalError> {
        Ok(u64::from_be_bytes(self.array()?))
    }
}

/// What is being read.
struct Reader<'a> {
    input: Input<'a>,
    heap: Heap<'a>,
    /// Blocks, strings and floats in the order of their headers: what back references count.
    shared: Vec<Value<'a>>,
    /// Fields that are promised and not read yet: never more than bytes are left.
    pending: u64,
}

impl<'a> Reader<'a> {
    /// Reads one value with all that it holds. Ends because each step takes at least one byte.
    fn value(mut self) -> Result<(Heap<'a>, Value<'a>), MarshalError> {
        let root = self.item()?;
        // Ranges of fields that wait for their values, the innermost last: the stream is in depth-first order.
        let mut stack: Vec<(u32, u32)> = Vec::new();
        Self::push(&mut stack, root.1);
        while let Some(top) = stack.last_mut() {
            let field = top.0;
            top.0 += 1;
            if top.0 == top.1 {
                stack.pop();
            }
            self.pending -= 1;
            let (value, inner) = self.item()?;
            self.heap.fields[field as usize] = value;
            Self::push(&mut stack, inner);
        }
        Ok((self.heap, root.0))
    }

    fn push(stack: &mut Vec<(u32, u32)>, block: Option<Block>) {
        if let Some(block) = block {
            stack.push((block.first, block.first + block.len));
        }
    }

    /// Reads one code; for a block, the fields are reserved and still to be read.
    fn item(&mut self) -> Result<(Value<'a>, Option<Block>), MarshalError> {
        let at = self.input.at;
        let code = self.input.u8()?;
        let value = match code {
            0x80..=0xff => return self.block(code & 0xf, u64::from(code >> 4 & 7)),
            0x40..=0x7f => Value::Int(i64::from(code & 0x3f)),
            0x20..=0x3f => self.string(u64::from(code & 0x1f))?,
            0x00 => Value::Int(i64::from(self.input.u8()? as i8)),
            0x01 => Value::Int(i64::from(self.input.u16()? as i16)),
            0x02 => Value::Int(i64::from(self.input.u32()? as i32)),
            0x03 => Value::Int(self.input.u64()? as i64),
            0x04 => {
                let back = u64::from(self.input.u8()?);
                self.back_reference(back)?
            }
            0x05 => {
                let back = u64::from(self.input.u16()?);
                self.back_reference(back)?
            }
            0x06 => {
                let back = u64::from(self.input.u32()?);
                self.back_reference(back)?
            }
            0x14 => {
                let back = self.input.u64()?;
                self.back_reference(back)?
            }
            0x08 => {
                let header = self.input.u32()?;
                return self.block(header as u8, u64::from(header >> 10));
            }
            0x13 => {
                let header = self.input.u64()?;
                return self.block(header as u8, header >> 10);
            }
            0x09 => {
                let len = u64::from(self.input.u8()?);
                self.string(len)?
            }
            0x0a => {
                let len = u64::from(self.input.u32()?);
                self.string(len)?
            }
            0x15 => {
                let len = self.input.u64()?;
                self.string(len)?
            }
            0x0b | 0x0c => self.doubles(at, 1)?,
            0x0d | 0x0e => {
                let len = u64::from(self.input.u8()?);
                self.doubles(at, len)?
            }
            0x07 | 0x0f => {
                let len = u64::from(self.input.u32()?);
                self.doubles(at, len)?
            }
            0x16 | 0x17 => {
                let len = self.input.u64()?;
                self.doubles(at, len)?
            }
            0x12 | 0x18 | 0x19 => self.custom(code, at)?,
            _ => return Err(MarshalError::Unsupported { code, at }),
        };
        Ok((value, None))
    }

    /// Reserves a block. One without fields is an atom: it is not counted for back references.
    fn block(&mut self, tag: u8, len: u64) -> Result<(Value<'a>, Option<Block>), MarshalError> {
        let left = (self.input.bytes.len() - self.input.at) as u64;
        let first = self.heap.fields.len() as u64;
        if len > left || self.pending + len > left || first + len > u64::from(u32::MAX) {
            return Err(MarshalError::Inconsistent(self.input.at));
        }
        let block = Block { tag, first: first as u32, len: len as u32 };
        if len == 0 {
            return Ok((Value::Block(block), None));
        }
        self.pending += len;
        self.heap.fields.resize((first + len) as usize, Value::Int(0));
        self.shared.push(Value::Block(block));
        Ok((Value::Block(block), Some(block)))
    }

    fn string(&mut self, len: u64) -> Result<Value<'a>, MarshalError> {
        let value = Value::Str(self.input.take(len)?);
        self.shared.push(value);
        Ok(value)
    }

    /// Reads numbers whose code is at `at`.
    fn doubles(&mut self, at: usize, n: u64) -> Result<Value<'a>, MarshalError> {
        self.input.skip(n.checked_mul(8).ok_or(MarshalError::Truncated(self.input.at))?)?;
        Ok(self.opaque(at))
    }

    /// Returns what was read from `at` on, as a value that may be shared.
    fn opaque(&mut self, at: usize) -> Value<'a> {
        let value = Value::Opaque(&self.input.bytes[at..self.input.at]);
        self.shared.push(value);
        value
    }

    /// Reads a boxed integer: `_i`, `_j` or `_n`. `CODE_CUSTOM_LEN` gives sizes in memory, which say nothing here.
    fn custom(&mut self, code: u8, at: usize) -> Result<Value<'a>, MarshalError> {
        let mut name = [0; 3];
        for byte in &mut name {
            *byte = self.input.u8()?;
        }
        if code == 0x18 {
            self.input.skip(12)?;
        }
        match &name {
            b"_i\0" => self.input.skip(4)?,
            b"_j\0" => self.input.skip(8)?,
            b"_n\0" => match self.input.u8()? {
                1 => self.input.skip(4)?,
                2 => self.input.skip(8)?,
                _ => return Err(MarshalError::Inconsistent(at)),
            },
            _ => return Err(MarshalError::Unsupported { code, at }),
        }
        Ok(self.opaque(at))
    }

    fn back_reference(&self, back: u64) -> Result<Value<'a>, MarshalError> {
        let index = usize::try_from(back).ok().and_then(|back| self.shared.len().checked_sub(back));
        index
            .and_then(|index| self.shared.get(index))
            .copied()
            .ok_or(MarshalError::Inconsistent(self.input.at))
    }
}
