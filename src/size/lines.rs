//! Line tables of one object file: which source line a piece of code comes from.
//!
//! Takes a [`Relocatable`], gives rows sorted by place in the code layout. The addresses of a relocatable file are
//! filled in from its references first, on a copy. A broken table gives the rows that could be read.

use super::bounds::Allowance;
use super::relocatable::{Relocatable, Spot};
use crate::base::{Name, name};
use gimli::{AttributeValue, DebugLine, DebugLineOffset, EndianSlice, LineProgramHeader, RunTimeEndian};
use rustc_hash::FxHashMap;

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

/// From this place on, code comes from this line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// Offset in the code layout.
    pub(super) at: u64,
    /// The file, as the compiler was given it.
    pub(super) file: Name,
    /// The line, from 1.
    pub(super) line: u32,
}

/// Reads all rows; where several stand at one place, their order is the table's.
pub(super) fn read_rows(object: &Relocatable<'_>) -> Vec<Row> {
    let Some(table) = relocated(object, &[".debug_line", "__debug_line"]) else { return Vec::new() };
    let content = |names: &[&str]| object.named(names).map_or(&[][..], |section| section.content);
    let [line, debug] =
        [[".debug_line_str", "__debug_line_str"], [".debug_str", "__debug_str"]].map(|names| content(&names));
    let n_bytes = table.len().saturating_add(line.len()).saturating_add(debug.len());
    let mut strings = Strings { line, debug, allowance: Allowance::of(n_bytes) };
    let endian = match object.endian() {
        object::Endianness::Little => RunTimeEndian::Little,
        object::Endianness::Big => RunTimeEndian::Big,
    };
    let debug_line = DebugLine::from(EndianSlice::new(&table, endian));
    let mut rows = Vec::new();
    let mut offset = 0;
    // Each table has a length of at least its header's, so that the offset grows.
    while offset < table.len() {
        let Ok(program) = debug_line.program(DebugLineOffset(offset), 8, None, None) else { break };
        let header = program.header();
        let n_length = if header.format() == gimli::Format::Dwarf64 { 12 } else { 4 };
        offset = offset.saturating_add(header.unit_length()).saturating_add(n_length);
        let mut names = FxHashMap::default();
        let mut machine = program.rows();
        while let Ok(Some((header, row))) = machine.next_row() {
            if let (false, Some(line)) = (row.end_sequence(), row.line()) {
                let file =
                    *names.entry(row.file_index()).or_insert_with(|| strings.file(header, row.file_index()));
                rows.push(Row {
                    at: row.address(),
                    file,
                    line: u32::try_from(line.get()).unwrap_or(u32::MAX),
                });
            }
        }
    }
    rows.sort_by_key(|row| row.at);
    rows
}

/// Copies a section and writes the places of its references into it.
fn relocated(object: &Relocatable<'_>, names: &[&str]) -> Option<Vec<u8>> {
    let section = object.named(names)?;
    let mut copy = section.content.to_vec();
    for reference in &section.references {
        let (Spot::Code(target) | Spot::Data(target) | Spot::Other(target)) = reference.target else {
            continue;
        };
        let n_bytes = if reference.is_pointer { 8 } else { 4 };
        let start = usize::try_from(reference.at).unwrap_or(usize::MAX);
        let Some(field) = start.checked_add(n_bytes).and_then(|end| copy.get_mut(start..end)) else {
            continue;
        };
        match object.endian() {
            object::Endianness::Little => field.copy_from_slice(&target.to_le_bytes()[..n_bytes]),
            object::Endianness::Big => field.copy_from_slice(&target.to_be_bytes()[8 - n_bytes..]),
        }
    }
    Some(copy)
}

/// Where file names are kept.
struct Strings<'a> {
    line: &'a [u8],
    debug: &'a [u8],
    /// What may still be read of them: a broken table says the same long names for many files.
    allowance: Allowance,
}

impl Strings<'_> {
    /// Returns the path of a file of a line table: its directory, where one is given, and its name.
    fn file(&mut self, header: &LineProgramHeader<Slice<'_>>, index: u64) -> Name {
        let Some(file) = header.file(index) else { return name("?") };
        let own = self.text(&file.path_name());
        // Directory 0 is the one of compilation, which says nothing about the project.
        match header.directory(file.directory_index()) {
            Some(directory) if file.directory_index() != 0 => {
                name(&format!("{}/{own}", self.text(&directory)))
            }
            _ => name(&own),
        }
    }

    fn text(&mut self, value: &AttributeValue<Slice<'_>>) -> String {
        if self.allowance.is_spent() {
            return "?".to_owned();
        }
        let from = |section, offset| {
            let rest = <[u8]>::get(section, offset..).unwrap_or(&[]);
            rest.split(|&byte| byte == 0).next().unwrap_or(&[])
        };
        let text = match value {
            AttributeValue::String(text) => text.slice(),
            AttributeValue::DebugLineStrRef(offset) => from(self.line, offset.0),
            AttributeValue::DebugStrRef(offset) => from(self.debug, offset.0),
            _ => b"?",
        };
        if !self.allowance.take(text.len()) {
            return "?".to_owned();
        }
        String::from_utf8_lossy(text).into_owned()
    }
}
