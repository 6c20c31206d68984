//! Indented JSON, as `serde_json` writes it, with each line's indentation in one piece: a long report is half indentation.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

/// A line break and the indentation of the deepest line that is written at once.
const LINE: &[u8] = b"\n                                                                ";

/// Returns the text of a value at some depth of lists and objects around it.
///
/// # Errors
/// Those of the serializer.
pub(super) fn indented(value: &impl Serialize, depth: usize) -> serde_json::Result<String> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, Indent { depth, is_empty: false }))?;
    Ok(String::from_utf8(text).expect("the serializer writes text"))
}

struct Indent {
    /// Lists and objects around.
    depth: usize,
    /// Whether nothing has been written of the innermost one yet.
    is_empty: bool,
}

impl Indent {
    fn line<W: Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        let mut left = 2 * self.depth;
        let first = left.min(LINE.len() - 1);
        writer.write_all(&LINE[..=first])?;
        left -= first;
        while left > 0 {
            let next = left.min(LINE.len() - 1);
            writer.write_all(&LINE[1..=next])?;
            left -= next;
        }
        Ok(())
    }

    fn open<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: u8) -> io::Result<()> {
        self.depth += 1;
        self.is_empty = true;
        writer.write_all(&[bracket])
    }

    fn close<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: u8) -> io::Result<()> {
        self.depth -= 1;
        if !self.is_empty {
            self.line(writer)?;
        }
        self.is_empty = false;
        writer.write_all(&[bracket])
    }

    fn next<W: Write + ?Sized>(&mut self, writer: &mut W, is_first: bool) -> io::Result<()> {
        self.is_empty = false;
        if !is_first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }
}

impl Formatter for Indent {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b'[')
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b']')
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, is_first: bool) -> io::Result<()> {
        self.next(writer, is_first)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b'{')
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b'}')
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, is_first: bool) -> io::Result<()> {
        self.next(writer, is_first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn text_is_that_of_serde_json() {
        let mut deep = json!([{}]);
        for nth in 0..80 {
            deep = json!({ "empty": [[], {}], "inside": [deep, nth, "a\"\n"], "last": null });
        }
        let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("a value has a text");
        assert_eq!(indented(&deep, 0).expect("a value has a text"), pretty(&deep));
        let inside =
            "[\n  [\n    ".to_owned() + &indented(&deep, 2).expect("a value has a text") + "\n  ]\n]";
        assert_eq!(inside, pretty(&json!([[deep]])));
    }
}
