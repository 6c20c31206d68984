//! Positions: UTF-8 byte ranges inside the program, lines and columns at its edge.

use serde::{Deserialize, Serialize};

/// A half-open range of UTF-8 byte offsets in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// Makes the span from `start` to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }
    /// Whether `offset` lies in the span.
    #[must_use]
    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }
    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end - self.start
    }
    /// Whether nothing is in the span.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A position for people: line from 1, column in bytes from 0, as OCaml prints them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 0.
    pub col: u32,
}

/// The offsets at which the lines of one file start.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LineIndex {
    /// Offset of the first byte of each line; the first is 0.
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the line starts of `text`.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let newlines = memchr::memchr_iter(b'\n', text);
        let mut starts: Vec<u32> = std::iter::once(0).chain(newlines.map(|i| i as u32 + 1)).collect();
        starts.shrink_to_fit();
        LineIndex { starts }
    }
    /// Returns the line and column of a byte offset.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        LineCol { line: line as u32, col: offset - start }
    }
    /// Returns the number of lines.
    #[must_use]
    pub fn n_lines(&self) -> usize {
        self.starts.len()
    }
    /// Returns the offset at which `line` (from 1) starts.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_of_offsets() {
        let index = LineIndex::new(b"ab\n\ncd");
        let at = |offset| (index.line_col(offset).line, index.line_col(offset).col);
        assert_eq!([at(0), at(2), at(3), at(4), at(6)], [(1, 0), (1, 2), (2, 0), (3, 0), (3, 2)]);
    }
}
