//! The units of a linked, unstripped executable with their bytes, read from the file itself.
//!
//! Takes the bytes of an ELF executable, gives [`ExeSize`]: what is really in the file, to hold predictions against.
//! A unit's code and data lie between symbols that the compiler puts around them; unwind entries and relocations are
//! attributed by address, symbols by name. Padding between units belongs to nobody here.

use super::bounds::{Allowance, has_sections_apart};
use super::{Anatomy, SizeError};
use crate::base::{Name, name};
use object::{
    BinaryFormat, Object, ObjectKind, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, SymbolKind,
};
use std::collections::BTreeMap;

/// One executable.
#[derive(Clone, PartialEq, Debug)]
pub struct ExeSize {
    /// OCaml units in link order, each with what it has in the file.
    pub units: Vec<(Name, Anatomy)>,
    /// The parts that OCaml's linker adds: `_startup` (tables and functions made for this program), `_system`.
    pub special: Vec<(Name, Anatomy)>,
    /// Sections with content in the file, in its order: name, length, whether it is allocated (survives stripping).
    pub sections: Vec<(String, u64, bool)>,
    /// Sum of the allocated sections without `.bss`.
    pub alloc: u64,
    /// Length of the file.
    pub file: u64,
    /// Length of the file after `strip`, computed from its layout.
    pub stripped: u64,
    /// The same after `strip -g`, which leaves symbols.
    pub without_debug: u64,
    /// Whether it is position-independent.
    pub is_pie: bool,
    /// Number of dynamic relocations.
    pub n_relocations: u64,
    /// Number of dynamic symbols.
    pub n_dynamic_symbols: u64,
}

impl ExeSize {
    /// Returns the length of a section, 0 when there is none.
    #[must_use]
    pub fn section(&self, section: &str) -> u64 {
        self.sections.iter().find(|(name, _, _)| name == section).map_or(0, |&(_, len, _)| len)
    }
    /// Returns the bytes of debug sections.
    #[must_use]
    pub fn debug(&self) -> u64 {
        let debug = self.sections.iter().filter(|(name, _, _)| name.starts_with(".debug_"));
        debug.map(|&(_, len, _)| len).sum()
    }
}

/// Reads an executable.
///
/// **Errors**: when the file is no ELF executable, or is stripped; see [`SizeError`].
pub fn read_executable(bytes: &[u8]) -> Result<ExeSize, SizeError> {
    let file = object::File::parse(bytes).map_err(SizeError::Executable)?;
    if file.format() != BinaryFormat::Elf
        || !matches!(file.kind(), ObjectKind::Executable | ObjectKind::Dynamic)
    {
        return Err(SizeError::NoExecutable);
    }
    if !has_sections_apart(&file, bytes.len()) {
        return Err(SizeError::Damaged("its sections overlap"));
    }
    let mut names = Allowance::of(bytes.len());
    let mut all_symbols = file.symbols().chain(file.dynamic_symbols());
    if !all_symbols.all(|symbol| names.take(symbol.name().map_or(0, str::len))) {
        return Err(SizeError::Damaged("names of its symbols overlap"));
    }
    let mut symbols: Vec<Symbol<'_>> = Vec::new();
    for symbol in file.symbols() {
        if let (Ok(name), Some(_)) = (symbol.name(), symbol.section_index()) {
            let is_function = symbol.kind() == SymbolKind::Text;
            let is_named = symbol.kind() != SymbolKind::Section && !name.is_empty();
            if is_named {
                symbols.push(Symbol { name, at: symbol.address(), size: symbol.size(), is_function });
            }
        }
    }
    let mut ranges = find_ranges(&symbols);
    if ranges.is_empty() {
        return Err(SizeError::Stripped);
    }
    symbols.sort_by_key(|symbol| (symbol.at, symbol.size, symbol.name));
    measure_code_and_data(&mut ranges, &symbols);
    attribute_unwind(&file, &mut ranges);
    let n_relocations = attribute_relocations(&file, &mut ranges);
    let mut n_dynamic_symbols = 0;
    for symbol in file.dynamic_symbols() {
        n_dynamic_symbols += 1;
        if let (Ok(name), Some(_)) = (symbol.name(), symbol.section_index())
            && let Some(range) = unit_of(name, &mut ranges)
        {
            range.anatomy.globals += 1;
            range.anatomy.global_names += name.len() as u64 + 1;
        }
    }
    for symbol in &symbols {
        if let Some(range) = unit_of(symbol.name, &mut ranges) {
            range.anatomy.symbols += 1;
            range.anatomy.symbol_names += symbol.name.len() as u64 + 1;
        }
    }
    let (sections, alloc) = sections(&file);
    let mut ordered: Vec<(&str, Range)> = ranges.into_iter().collect();
    ordered.sort_by_key(|(unit, range)| (range.code.map_or(u64::MAX, |(start, _)| start), *unit));
    let all = ordered.into_iter().map(|(unit, range)| (name(unit), range.anatomy));
    let (special, units) = all.partition(|(unit, _): &(Name, Anatomy)| unit.starts_with('_'));
    Ok(ExeSize {
        units,
        special,
        sections,
        alloc,
        file: bytes.len() as u64,
        stripped: stripped_len(&file, bytes.len() as u64, &[]),
        without_debug: stripped_len(&file, bytes.len() as u64, &[".symtab", ".strtab"]),
        is_pie: file.kind() == ObjectKind::Dynamic,
        n_relocations,
        // The table's first entry, which is no symbol.
        n_dynamic_symbols: n_dynamic_symbols + u64::from(n_dynamic_symbols > 0),
    })
}

/// A symbol with a place.
struct Symbol<'d> {
    name: &'d str,
    at: u64,
    size: u64,
    is_function: bool,
}

/// Where a unit is.
#[derive(Clone, Copy, Default)]
struct Range {
    /// Start and end of its code.
    code: Option<(u64, u64)>,
    /// Start and end of its data with the frame table.
    data: Option<(u64, u64)>,
    frametable: Option<(u64, u64)>,
    anatomy: Anatomy,
}

type Ranges<'d> = BTreeMap<&'d str, Range>;

/// Finds the symbols that stand around units.
fn find_ranges<'d>(symbols: &[Symbol<'d>]) -> Ranges<'d> {
    let mut ranges = Ranges::new();
    for symbol in symbols.iter().filter(|symbol| !symbol.is_function) {
        let Some(rest) = symbol.name.strip_prefix("caml") else { continue };
        let markers = ["code_begin", "code_end", "data_begin", "data_end", "frametable"];
        let Some(marker) = markers.into_iter().find(|marker| rest.ends_with(marker)) else { continue };
        let head = &rest[..rest.len() - marker.len()];
        let Some(unit) = head.strip_suffix("__").or_else(|| head.strip_suffix(['.', '$'])) else { continue };
        let range = ranges.entry(unit).or_default();
        let at = symbol.at;
        match marker {
            "code_begin" => range.code = Some((at, range.code.map_or(at, |(_, end)| end))),
            "code_end" => range.code = Some((range.code.map_or(at, |(start, _)| start), at)),
            "data_begin" => range.data = Some((at, range.data.map_or(at, |(_, end)| end))),
            "data_end" => {
                range.data = Some((range.data.map_or(at, |(start, _)| start), at.saturating_add(8)))
            }
            _ => range.frametable = Some((at, at.saturating_add(symbol.size))),
        }
    }
    ranges.retain(|unit, range| !unit.is_empty() && (range.code.is_some() || range.data.is_some()));
    ranges
}

/// Fills in text, data and frame table. With a section per function, functions follow the symbol of the code's end, so
/// that the range is extended over those that bear the unit's name.
fn measure_code_and_data(ranges: &mut Ranges<'_>, symbols: &[Symbol<'_>]) {
    let mut begins: Vec<u64> = ranges.values().filter_map(|range| Some(range.code?.0)).collect();
    begins.sort_unstable();
    begins.dedup();
    let functions: Vec<&Symbol<'_>> = symbols.iter().filter(|symbol| symbol.is_function).collect();
    for (unit, range) in ranges.iter_mut() {
        if let Some((start, end)) = range.code {
            let next =
                begins.get(begins.partition_point(|&begin| begin <= start)).copied().unwrap_or(u64::MAX);
            let first = functions.partition_point(|function| function.at < start);
            let last = functions.partition_point(|function| function.at < next).max(first);
            let own = functions[first..last].iter().filter(|function| {
                let rest = function.name.strip_prefix("caml").and_then(|rest| rest.strip_prefix(unit));
                rest.is_some_and(|rest| rest.starts_with("__") || rest.starts_with(['.', '$']))
            });
            let last_end = own.map(|function| function.at.saturating_add(function.size)).max();
            let end = end.max(last_end.unwrap_or(0)).max(start);
            range.code = Some((start, end));
            range.anatomy.text = end - start;
        }
        if let Some((start, end)) = range.data {
            range.anatomy.data = end.saturating_sub(start);
        }
        if let Some((start, mut end)) = range.frametable {
            if end == start {
                let next = symbols.get(symbols.partition_point(|symbol| symbol.at <= start));
                end = next.map_or(start, |symbol| symbol.at);
            }
            range.frametable = Some((start, end));
            range.anatomy.frametable = end.saturating_sub(start);
            range.data = Some((range.data.map_or(start, |(data, _)| data), end));
        }
    }
}

/// Finds among sorted, disjoint spans the one that holds `at`.
fn find_span(spans: &[(u64, u64, usize)], at: u64) -> Option<usize> {
    let index = spans.partition_point(|&(start, _, _)| start <= at).checked_sub(1)?;
    let (_, end, value) = spans[index];
    (at < end).then_some(value)
}

fn spans(ranges: &Ranges<'_>, part: impl Fn(&Range) -> Option<(u64, u64)>) -> Vec<(u64, u64, usize)> {
    let parts = ranges.values().enumerate();
    let mut spans: Vec<_> =
        parts.filter_map(|(i, range)| part(range).map(|(start, end)| (start, end, i))).collect();
    // An empty unit may start where the next one does: the longer one is meant.
    spans.retain(|&(start, end, _)| start < end);
    spans.sort_unstable();
    spans
}

/// Attributes the entries of `.eh_frame` by the code that they describe.
fn attribute_unwind(file: &object::File<'_>, ranges: &mut Ranges<'_>) {
    let Some(section) = file.section_by_name(".eh_frame") else { return };
    let Ok(table) = section.data() else { return };
    let spans = spans(ranges, |range| range.code);
    let mut anatomies: Vec<&mut Anatomy> = ranges.values_mut().map(|range| &mut range.anatomy).collect();
    let word = |at: usize| Some(u32::from_le_bytes(table.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let mut at = 0usize;
    while let Some(len) = word(at) {
        let Some(end) = at.checked_add(4 + len as usize).filter(|&end| end <= table.len()) else { break };
        if len > 0
            && word(at + 4) != Some(0)
            && let Some(relative) = word(at + 8)
        {
            let field = section.address().wrapping_add(at as u64 + 8);
            let code = field.wrapping_add_signed(i64::from(relative as i32));
            if let Some(unit) = find_span(&spans, code) {
                anatomies[unit].fde_bytes += 4 + u64::from(len);
                anatomies[unit].fdes += 1;
            }
        }
        at = end;
    }
}

/// Attributes dynamic relocations by the data that they fill in, and returns how many there are.
fn attribute_relocations(file: &object::File<'_>, ranges: &mut Ranges<'_>) -> u64 {
    let spans = spans(ranges, |range| range.data);
    let mut anatomies: Vec<&mut Anatomy> = ranges.values_mut().map(|range| &mut range.anatomy).collect();
    let mut n_relocations = 0;
    for section in file.sections().filter(|section| section.name() == Ok(".rela.dyn")) {
        for entry in section.data().unwrap_or(&[]).chunks_exact(24) {
            n_relocations += 1;
            let at = u64::from_le_bytes(entry[..8].try_into().expect("chunks of 24 bytes"));
            if let Some(unit) = find_span(&spans, at) {
                anatomies[unit].pointers += 1;
            }
        }
    }
    n_relocations
}

/// Names longer than this are of no unit: each of their places may end its name.
const MAX_NAME: usize = 4_096;

/// Returns the unit that a symbol belongs to: the longest name that a separator follows.
fn unit_of<'r>(symbol: &str, ranges: &'r mut Ranges<'_>) -> Option<&'r mut Range> {
    let rest = symbol.strip_prefix("caml").filter(|rest| rest.len() <= MAX_NAME)?;
    if ranges.contains_key(rest) {
        return ranges.get_mut(rest);
    }
    let cuts = rest
        .char_indices()
        .rev()
        .filter(|&(at, char)| matches!(char, '.' | '$') || (char == '_' && rest[at..].starts_with("__")));
    let found = cuts.map(|(at, _)| &rest[..at]).find(|unit| ranges.contains_key(unit))?;
    ranges.get_mut(found)
}

/// Returns the sections that have content, and the sum of the allocated ones.
fn sections(file: &object::File<'_>) -> (Vec<(String, u64, bool)>, u64) {
    let mut sections = Vec::new();
    for section in file.sections() {
        let is_empty = section.kind() == SectionKind::UninitializedData
            || section.kind() == SectionKind::UninitializedTls;
        let len = if is_empty { 0 } else { section.data().map_or(0, |content| content.len() as u64) };
        if len > 0 {
            sections.push((section.name().unwrap_or("?").to_owned(), len, is_allocated(&section)));
        }
    }
    let alloc = sections.iter().filter(|(_, _, is_allocated)| *is_allocated).map(|&(_, len, _)| len).sum();
    (sections, alloc)
}

fn is_allocated(section: &object::Section<'_, '_>) -> bool {
    matches!(section.flags(), SectionFlags::Elf { sh_flags, .. } if sh_flags.contains(object::elf::SHF_ALLOC))
}

/// Returns the length of the file after `strip`: what is allocated stays where it is, then come the sections that are
/// neither symbols nor debug information, their names, and their headers. `kept` stays as well. A header may say of a section that
/// it lies behind the end of the file.
fn stripped_len(file: &object::File<'_>, file_bytes: u64, kept: &[&str]) -> u64 {
    let mut end = 64;
    let mut names: Vec<String> = vec![".shstrtab".to_owned()];
    let mut rest = Vec::new();
    for section in file.sections() {
        let name = section.name().unwrap_or("");
        let is_dropped = is_stripped(name) && !kept.contains(&name);
        if is_allocated(&section) {
            names.push(name.to_owned());
            if let Some((start, len)) = section.file_range() {
                end = end.max(start.saturating_add(len).min(file_bytes));
            }
        } else if !is_dropped {
            names.push(name.to_owned());
            rest.push((section.align(), section.data().map_or(0, |content| content.len() as u64)));
        }
    }
    for (align, len) in rest {
        end = end.next_multiple_of(align.clamp(1, 4096)) + len;
    }
    end += 1 + names_len(&names);
    // One header per section, and the empty one at the start.
    end.next_multiple_of(8) + 64 * (names.len() as u64 + 1)
}

fn is_stripped(section: &str) -> bool {
    section.starts_with(".debug_") || matches!(section, ".symtab" | ".strtab" | ".shstrtab" | "")
}

/// Returns what `strip` leaves of an executable, in its order: what is loaded, other sections, names and headers of sections. Something to
/// compress, not to run.
#[must_use]
pub fn stripped_content(bytes: &[u8]) -> Option<Vec<u8>> {
    let file = object::File::parse(bytes).ok()?;
    let kept = || file.sections().filter(|section| !is_stripped(section.name().unwrap_or("")));
    let end = kept()
        .filter_map(|section| section.file_range())
        .map(|(start, len)| start.saturating_add(len))
        .max()?;
    let mut content = bytes.get(..usize::try_from(end).ok()?)?.to_vec();
    for section in kept() {
        content.extend(section.name().unwrap_or("").as_bytes());
        content.push(0);
    }
    for section in kept() {
        for field in [section.address(), section.size(), section.align()] {
            content.extend(field.to_le_bytes());
        }
        content.extend([0; 40]);
    }
    Some(content)
}

/// Returns the length of a table of names in which one that ends another shares its bytes.
fn names_len(names: &[String]) -> u64 {
    let mut backwards: Vec<Vec<u8>> = names.iter().map(|name| name.bytes().rev().collect()).collect();
    backwards.sort_unstable();
    backwards.dedup();
    // What begins with a name stands right behind it.
    let is_shared =
        |at: usize| backwards.get(at + 1).is_some_and(|longer| longer.starts_with(&backwards[at]));
    let own = (0..backwards.len()).filter(|&at| !is_shared(at));
    own.map(|at| backwards[at].len() as u64 + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_end_others_share_their_bytes() {
        let check = |names: &[&str], expected| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(names_len(&names), expected, "{names:?}");
        };
        check(&[], 0);
        check(&["text"], 5);
        check(&[".rela.text", "text", ".text", "text"], 11);
        check(&[".data", ".rodata", "data", ".bss"], 8 + 6 + 5);
    }

    #[test]
    fn a_name_that_no_unit_can_have_is_looked_up_nowhere() {
        let unit = "_".repeat(MAX_NAME);
        let mut ranges = Ranges::from([(unit.as_str(), Range::default())]);
        assert!(unit_of(&format!("caml{unit}"), &mut ranges).is_some());
        assert!(unit_of(&format!("caml{unit}__f"), &mut ranges).is_none(), "longer than any");
    }
}
