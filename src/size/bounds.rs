//! How much a file may make its reader look at. Tables of a broken file refer to the same bytes again and again: read as they say, a
//! megabyte would become gigabytes, or take minutes.
//!
//! Sound files refer to nearly all of their bytes once. Tails of names are shared, and nothing else is, so that a small multiple of
//! the file's length never stands in the way of one.

use object::{Object, ObjectSection};

/// What a file may refer to, in lengths of the file.
const TIMES: u64 = 16;
/// What any file may refer to, however short it is.
const LEAST: u64 = 1 << 16;

/// Bytes that may still be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    left: u64,
}

impl Allowance {
    /// What a file of this length allows for.
    pub(super) fn of(file_len: usize) -> Self {
        Allowance { left: (file_len as u64).saturating_mul(TIMES).saturating_add(LEAST) }
    }

    /// Takes so many bytes; returns whether that many were left.
    pub(super) fn take(&mut self, n_bytes: usize) -> bool {
        let left = self.left.checked_sub(n_bytes as u64);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether nothing is left.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// Whether the sections of a file are together hardly longer than the file.
pub(super) fn has_sections_apart<'d>(file: &impl Object<'d>, file_len: usize) -> bool {
    let mut allowance = Allowance::of(file_len);
    file.sections().all(|section| allowance.take(section.data().map_or(0, <[u8]>::len)))
}

#[cfg(test)]
mod tests {
    use super::super::lines::read_rows;
    use super::super::relocatable::Relocatable;
    use super::super::{CLibrary, measure_objects, read_executable};
    use super::*;

    #[test]
    fn an_allowance_ends() {
        let mut allowance = Allowance::of(1_000);
        assert!(allowance.take(16_000) && allowance.take(1 << 16));
        assert!(allowance.take(0) && !allowance.take(1));
        let mut allowance = Allowance::of(10);
        assert!(!allowance.take(1 << 20) && allowance.is_spent(), "more than is left");
    }

    /// A section: its name, type and flags, the section that it links to, its content or the number of the section whose content it
    /// has as well.
    struct Part<'a>(&'a str, u32, u64, u32, Result<&'a [u8], usize>);

    /// An ELF file of sections; type 1 is an object file, 2 an executable.
    fn elf(kind: u16, parts: &[Part<'_>]) -> Vec<u8> {
        let mut file = vec![0; 64];
        let mut names = vec![0];
        let mut headers = vec![[0; 64].to_vec()];
        let mut places: Vec<(usize, usize)> = vec![(0, 0)];
        let own_names: Vec<u8> = parts.iter().flat_map(|part| [part.0.as_bytes(), b"\0"].concat()).collect();
        let table = Part("", 3, 0, 0, Ok(&own_names));
        for part in parts.iter().chain([&table]) {
            let place = match part.4 {
                Ok(content) => {
                    let at = file.len();
                    if content.as_ptr() == own_names.as_ptr() {
                        file.push(0);
                    }
                    file.extend(content);
                    (at, file.len() - at)
                }
                Err(other) => places[other],
            };
            places.push(place);
            let mut header = [0; 64].to_vec();
            header[..4].copy_from_slice(&(names.len() as u32).to_le_bytes());
            names.extend([part.0.as_bytes(), b"\0"].concat());
            header[4..8].copy_from_slice(&part.1.to_le_bytes());
            header[8..16].copy_from_slice(&part.2.to_le_bytes());
            header[24..32].copy_from_slice(&(place.0 as u64).to_le_bytes());
            header[32..40].copy_from_slice(&(place.1 as u64).to_le_bytes());
            header[40..44].copy_from_slice(&part.3.to_le_bytes());
            header[44..48].copy_from_slice(&1u32.to_le_bytes());
            header[48] = 1;
            header[56] = 24;
            headers.push(header);
        }
        file.resize(file.len().next_multiple_of(8), 0);
        let start = file.len() as u64;
        let n_headers = headers.len() as u16;
        file.extend(headers.concat());
        file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        file[16..18].copy_from_slice(&kind.to_le_bytes());
        file[18] = 62;
        file[20] = 1;
        file[40..48].copy_from_slice(&start.to_le_bytes());
        file[52] = 64;
        file[58] = 64;
        file[60..62].copy_from_slice(&n_headers.to_le_bytes());
        file[62..64].copy_from_slice(&(n_headers - 1).to_le_bytes());
        file
    }

    fn symbol(name: usize, section: u16) -> Vec<u8> {
        let mut symbol = vec![0; 24];
        symbol[..4].copy_from_slice(&(name as u32).to_le_bytes());
        symbol[4] = 0x10;
        symbol[6..8].copy_from_slice(&section.to_le_bytes());
        symbol
    }

    /// Code, and a symbol table in which so many symbols have the same name of so many bytes.
    fn named(kind: u16, n_symbols: usize, n_bytes: usize) -> Vec<u8> {
        let names = [b"\0camlA__code_begin\0camlA__", vec![b'a'; n_bytes].as_slice(), b"\0"].concat();
        let mut symbols = [symbol(0, 0), symbol(1, 1)].concat();
        symbols.extend(symbol(19, 1).repeat(n_symbols));
        elf(
            kind,
            &[
                Part(".text", 1, 6, 0, Ok(&[0x90; 64])),
                Part(".symtab", 2, 0, 3, Ok(&symbols)),
                Part(".strtab", 3, 0, 0, Ok(&names)),
            ],
        )
    }

    /// A thousand sections of the same bytes.
    fn overlapping(kind: u16) -> Vec<u8> {
        let content = [1; 10_000];
        let mut parts = vec![Part(".text", 1, 6, 0, Ok(&content))];
        parts.extend((0..1_000).map(|_| Part(".rodata.str1.1", 1, 0x32, 0, Err(1))));
        elf(kind, &parts)
    }

    fn what<T>(result: Result<T, super::super::SizeError>) -> String {
        result.map_or_else(|error| error.to_string(), |_| "read".to_owned())
    }

    #[test]
    fn sections_of_the_same_bytes_are_refused() {
        let bytes = overlapping(1);
        assert!(what(measure_objects(&bytes)).contains("its sections overlap"));
        assert!(what(CLibrary::read(&bytes)).contains("its sections overlap"));
        assert!(what(read_executable(&overlapping(2))).contains("its sections overlap"));
    }

    #[test]
    fn names_of_the_same_bytes_are_refused() {
        assert_eq!(what(measure_objects(&named(1, 100, 30))), "read");
        assert_eq!(what(read_executable(&named(2, 100, 30))), "read");
        let bytes = named(1, 3_000, 100_000);
        assert!(what(measure_objects(&bytes)).contains("names of its symbols overlap"));
        assert!(what(CLibrary::read(&bytes)).contains("names of its symbols overlap"));
        assert!(what(read_executable(&named(2, 3_000, 100_000))).contains("names of its symbols overlap"));
    }

    #[test]
    fn names_of_members_that_are_the_same_bytes_are_refused() {
        let header =
            |name: &str, len: usize| format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{len:<10}`\n", 0, 0, 0, 0);
        let long = format!("{}/\n", "a".repeat(99_998));
        let text = format!("!<arch>\n{}{long}{}", header("//", long.len()), header("/0", 0).repeat(1_000));
        assert!(what(measure_objects(text.as_bytes())).contains("names of its members overlap"));
    }

    /// A line table of version 5 that names so many files, each by the same long text, and has a row for each.
    #[test]
    fn a_long_name_of_many_files_is_read_a_few_times() {
        let n_files: u16 = 2_000;
        let text = [vec![b'x'; 50_000].as_slice(), b"\0"].concat();
        let mut head = vec![1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
        head.extend([1, 1, 0x1f, 1, 0, 0, 0, 0, 1, 1, 0x1f]);
        let leb = |n: u16| [n as u8 | 0x80, (n >> 7) as u8];
        head.extend(leb(n_files));
        head.extend((0..n_files).flat_map(|n| u32::from(n).to_le_bytes()));
        let rows = (0..n_files).flat_map(|n| [&[4], leb(n).as_slice(), &[1]].concat());
        let mut table = vec![5, 0, 8, 0];
        table.extend((head.len() as u32).to_le_bytes());
        table.extend(head);
        table.extend(rows);
        let table = [(table.len() as u32).to_le_bytes().as_slice(), &table].concat();
        let bytes = elf(
            1,
            &[
                Part(".text", 1, 6, 0, Ok(&[0x90; 64])),
                Part(".debug_line", 1, 0, 0, Ok(&table)),
                Part(".debug_line_str", 1, 0, 0, Ok(&text)),
            ],
        );
        let object = Relocatable::read("a.o", &bytes).expect("it is sound").expect("an object file");
        let rows = read_rows(&object);
        assert_eq!(rows.len(), usize::from(n_files));
        assert!(rows[0].file.len() > 40_000, "the first names are read");
        let n_bytes: usize = rows.iter().map(|row| row.file.len()).sum();
        assert!(n_bytes < 2_000_000, "{n_bytes} bytes of names");
    }
}
