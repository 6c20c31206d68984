//! Build files byte by byte, with the line and column of each, and what is wrong with them.

use crate::base::LineCol;

/// A place in a text.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    /// Offset of the next byte; only [`Cursor::bump`] takes it past the end of a line.
    pub(super) pos: usize,
    line: u32,
    line_start: usize,
}

impl<'a> Cursor<'a> {
    /// Begins a text.
    pub(super) fn new(text: &'a str) -> Self {
        Cursor { text: text.as_bytes(), pos: 0, line: 1, line_start: 0 }
    }

    /// Where the next byte is.
    pub(super) fn at(&self) -> LineCol {
        LineCol { line: self.line, col: (self.pos - self.line_start) as u32 }
    }

    /// The byte so far ahead; 0 behind the end.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.pos + ahead).copied().unwrap_or(0)
    }

    /// Takes the next byte.
    pub(super) fn bump(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.pos)?;
        self.pos += 1;
        if byte == b'\n' {
            self.line += 1;
            self.line_start = self.pos;
        }
        Some(byte)
    }
}

/// What is wrong with a text, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SyntaxError {
    /// What: a sentence without a final dot.
    pub(crate) message: String,
    /// Where.
    pub(crate) at: LineCol,
}
