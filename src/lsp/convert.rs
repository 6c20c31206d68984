//! Positions and names of the protocol: UTF-16 columns, lines from 0, URIs.

use lsp_types::{Position, Range, Uri};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::base::Span;

/// A text with the starts of its lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Text {
    pub(super) text: String,
    /// Where each line starts, the first at 0.
    lines: Vec<usize>,
}

impl Text {
    pub(super) fn new(text: String) -> Self {
        let lines = line_starts(text.as_bytes());
        Text { text, lines }
    }

    /// Returns the byte offset of a position. Columns behind the end of a line mean its end, lines behind the last one the end
    /// of the text; a column inside a character means its start.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.lines.get(line) else {
            return self.text.len();
        };
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let line = self.text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, c) in line.char_indices() {
            if left < c.len_utf16() {
                return start + at;
            }
            left -= c.len_utf16();
        }
        start + line.len()
    }

    /// Returns the position of a byte offset; an offset inside a character means its start.
    pub(super) fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(0);
        let column: usize = self.text[start..offset].chars().map(char::len_utf16).sum();
        Position { line: line as u32, character: column as u32 }
    }

    /// Returns the range of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// Replaces a range, or everything.
    pub(super) fn edit(&mut self, range: Option<Range>, new: &str) {
        match range {
            None => *self = Text::new(new.to_owned()),
            Some(range) => {
                let start = self.offset(range.start);
                let end = self.offset(range.end).max(start);
                self.text.replace_range(start..end, new);
                self.lines = line_starts(self.text.as_bytes());
            }
        }
    }
}

/// Where lines start. For the protocol a carriage return alone ends a line as well, which it does not for OCaml.
fn line_starts(text: &[u8]) -> Vec<usize> {
    let is_end = |&at: &usize| text[at] == b'\n' || text.get(at + 1) != Some(&b'\n');
    let ends = memchr::memchr2_iter(b'\n', b'\r', text).filter(is_end);
    std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
}

/// Returns the path of a `file:` URI.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next()?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: u8| char::from(byte).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push((hex(*high)? * 16 + hex(*low)?) as u8);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    Some(PathBuf::from(String::from_utf8(bytes).ok()?))
}

/// Returns the `file:` URI of an absolute path.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let mut out = String::from("file://");
    for byte in path.to_str()?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri::from_str(&out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_units() {
        let text = Text::new("let x = \"\u{1f42b}é\" + y\r\nnext".to_owned());
        let at = |line, character| text.offset(Position { line, character });
        // The camel is four bytes and two units; its middle is its start.
        assert_eq!([at(0, 9), at(0, 10), at(0, 11), at(0, 12)], [9, 9, 13, 15]);
        assert_eq!([at(0, 99), at(1, 4), at(7, 0)], [20, 26, 26]);
        assert_eq!(text.position(15), Position { line: 0, character: 12 });
        assert_eq!(text.position(11), Position { line: 0, character: 9 });
        for offset in (0..=text.text.len()).filter(|&at| text.text.is_char_boundary(at) && at != 21) {
            assert_eq!(text.offset(text.position(offset as u32)), offset);
        }
    }

    #[test]
    fn edits_replace_ranges() {
        let mut text = Text::new("a\u{1f42b}b\nc".to_owned());
        let at = |line, character| Position { line, character };
        text.edit(Some(Range { start: at(0, 1), end: at(0, 3) }), "-");
        assert_eq!(text.text, "a-b\nc");
        text.edit(Some(Range { start: at(0, 3), end: at(1, 0) }), "");
        assert_eq!(text.text, "a-bc");
        text.edit(Some(Range { start: at(9, 9), end: at(1, 0) }), "!");
        assert_eq!(text.text, "a-bc!");
        text.edit(Some(Range { start: at(0, 1), end: at(0, 1) }), "\u{1f42b}\r");
        assert_eq!(text.text, "a\u{1f42b}\r-bc!");
        // The middle of the camel is its start, and what stands alone at the end of a line ends it.
        text.edit(Some(Range { start: at(0, 2), end: at(0, 2) }), "+");
        text.edit(Some(Range { start: at(1, 0), end: at(1, 1) }), "\r\n");
        assert_eq!(text.text, "a+\u{1f42b}\r\r\nbc!");
        text.edit(Some(Range { start: at(2, 1), end: at(2, 2) }), "d");
        assert_eq!(text.text, "a+\u{1f42b}\r\r\nbd!");
        text.edit(None, "new");
        assert_eq!(text.text, "new");
    }

    #[test]
    fn uris_and_paths() {
        let path = Path::new("/a b/ç/+x.ml");
        let uri = uri_of(path).expect("a path");
        assert_eq!(uri.as_str(), "file:///a%20b/%C3%A7/%2Bx.ml");
        assert_eq!(path_of(&uri).as_deref(), Some(path));
        assert_eq!(path_of(&Uri::from_str("untitled:x").expect("a URI")), None);
    }
}
