//! Columns in UTF-16 units, which the standard and editors count in; ours are bytes.

use crate::base::read_regular;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// No text that was analysed is longer.
const MAX_BYTES: u64 = 1 << 30;

/// Counts columns anew, with the texts at hand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Columns {
    /// The directory that shown paths are relative to.
    dir: PathBuf,
    /// The files read so far; `None` for those that cannot be read.
    texts: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
}

impl Columns {
    /// Returns the columns of files that are shown relative to a directory.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, texts: RefCell::default() }
    }

    /// Returns how many UTF-16 units stand before a column of `col` bytes (from 0) in a line (from 1); `col` itself where the
    /// file cannot be read any more, or has no such place.
    pub(super) fn utf16(&self, file: &str, line: u32, col: u32) -> u32 {
        let mut texts = self.texts.borrow_mut();
        let text = texts
            .entry(file.to_owned())
            .or_insert_with(|| read_regular(&self.dir.join(file), MAX_BYTES).ok());
        let before = text.as_ref().and_then(|text| {
            let line = text.split(|&byte| byte == b'\n').nth((line as usize).checked_sub(1)?)?;
            line.get(..col as usize)
        });
        before.map_or(col, |before| String::from_utf8_lossy(before).encode_utf16().count() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_several_bytes_count_as_editors_count_them() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("a.ml"), "let a = 1\nlet é = \"𝄞\" + b\n").expect("a file");
        let columns = Columns::new(dir.path().to_owned());
        assert_eq!(columns.utf16("a.ml", 1, 8), 8);
        assert_eq!(columns.utf16("a.ml", 2, 4), 4);
        assert_eq!(columns.utf16("a.ml", 2, 18), 15, "two bytes are one unit, four are two");
        assert_eq!(columns.utf16("a.ml", 2, 99), 99);
        assert_eq!(columns.utf16("b.ml", 2, 3), 3);
    }
}
