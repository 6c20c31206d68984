//! A linked bytecode program, section by section, read from the file itself.
//!
//! Takes the bytes of a file that `ocamlc` linked, gives [`ByteExe`]: the table of sections is at its end, behind them all.
//!
//! **Source**: `bytecomp/bytesections.ml` of OCaml 4.13 and 5.3.

/// One bytecode program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByteExe {
    /// Sections in the file's order: name, length.
    pub sections: Vec<(String, u64)>,
    /// Length of the file.
    pub file: u64,
    /// Where its debugging events are.
    debug: (usize, usize),
}

impl ByteExe {
    /// Reads a program; `None` where the bytes are none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<ByteExe> {
        let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
        let magic = bytes.len().checked_sub(12)?;
        if !bytes[magic..].starts_with(b"Caml1999X") {
            return None;
        }
        let n_sections = word(magic - 4)? as usize;
        let table = (magic - 4).checked_sub(n_sections.checked_mul(8)?)?;
        let mut sections = Vec::new();
        for entry in (table..magic - 4).step_by(8) {
            let name = String::from_utf8_lossy(&bytes[entry..entry + 4]).into_owned();
            sections.push((name, u64::from(word(entry + 4)?)));
        }
        let mut at = table;
        let mut debug = (table, table);
        for (name, len) in sections.iter().rev() {
            let start = at.checked_sub(usize::try_from(*len).ok()?)?;
            if name == "DBUG" {
                debug = (start, at);
            }
            at = start;
        }
        Some(ByteExe { sections, file: bytes.len() as u64, debug })
    }

    /// Returns the length of a section, 0 when there is none.
    #[must_use]
    pub fn section(&self, section: &str) -> u64 {
        self.sections.iter().find(|(name, _)| name == section).map_or(0, |&(_, len)| len)
    }

    /// Returns the length of the file without debugging events: the section and its entry in the table.
    #[must_use]
    pub fn stripped(&self) -> u64 {
        let entry = self.sections.iter().filter(|(name, _)| name == "DBUG").count() as u64 * 8;
        self.file - (self.debug.1 - self.debug.0) as u64 - entry
    }

    /// Returns the file without debugging events: its entry in the table stays, so that there is something to compress, not to run.
    #[must_use]
    pub fn without_debug(&self, bytes: &[u8]) -> Vec<u8> {
        [&bytes[..self.debug.0], &bytes[self.debug.1..]].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Vec<u8> {
        let mut bytes = b"#!/usr/bin/ocamlrun\nCCCCDDDDDDDDSS".to_vec();
        for (name, len) in [("CODE", 4u32), ("DBUG", 8), ("SYMB", 2)] {
            bytes.extend(name.as_bytes());
            bytes.extend(len.to_be_bytes());
        }
        bytes.extend(3u32.to_be_bytes());
        bytes.extend(b"Caml1999X030");
        bytes
    }

    #[test]
    fn sections_and_the_length_without_events() {
        let bytes = program();
        let exe = ByteExe::read(&bytes).expect("a program");
        assert_eq!((exe.section("CODE"), exe.section("DBUG"), exe.section("none")), (4, 8, 0));
        assert_eq!(exe.stripped(), bytes.len() as u64 - 16);
        assert!(exe.without_debug(&bytes).starts_with(b"#!/usr/bin/ocamlrun\nCCCCSS"));
    }

    #[test]
    fn every_cut_and_every_changed_byte_gives_an_answer() {
        let bytes = program();
        for cut in 0..bytes.len() {
            assert_eq!(ByteExe::read(&bytes[..cut]), None);
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] = 0xff;
            if let Some(exe) = ByteExe::read(&changed) {
                assert!(exe.without_debug(&changed).len() <= bytes.len());
            }
        }
    }
}
