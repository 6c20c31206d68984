//! Which OCaml units a native executable holds, and what each of them costs in it.
//!
//! Everything is read from the symbols that the compiler puts around each unit: `camlM__code_begin` up to
//! OCaml 5.0, `camlM.code_begin` after. The file must not be stripped.

use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// What one unit contributes to the linked file, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct UnitBytes {
    /// Machine code, padding between functions included.
    pub(crate) code: u64,
    /// Constants, closures and the module block.
    pub(crate) data: u64,
    /// The frame table.
    pub(crate) frametable: u64,
    /// `.eh_frame` and its share of `.eh_frame_hdr`.
    pub(crate) unwind: u64,
    /// `.rela.dyn`.
    pub(crate) relocations: u64,
    /// Dynamic symbols, their names and their share of the hash and version tables.
    pub(crate) dynsym: u64,
}

/// An executable, read.
#[derive(Clone, Debug)]
pub(crate) struct Executable {
    /// The OCaml units in link order, runtime parts left out.
    pub(crate) linked: Vec<String>,
    /// What each costs.
    pub(crate) bytes: BTreeMap<String, UnitBytes>,
    /// The sum of the allocated sections without `.bss`.
    pub(crate) alloc: u64,
    /// The length of the file.
    pub(crate) unstripped: u64,
}

/// The landmarks of one unit.
#[derive(Clone, Copy, Default)]
struct Landmarks {
    code_begin: Option<u64>,
    code_end: Option<u64>,
    data_begin: Option<u64>,
    data_end: Option<u64>,
    frametable: Option<u64>,
}

/// Reads an unstripped ELF executable.
///
/// **Errors**: the file cannot be read, is no object file, or has no OCaml units.
pub(crate) fn read(path: &Path) -> io::Result<Executable> {
    let text = fs::read(path)?;
    let refuse =
        |what: String| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()));
    let file = object::File::parse(&*text).map_err(|error| refuse(error.to_string()))?;
    let landmarks = landmarks(&file);
    if landmarks.is_empty() {
        return Err(refuse("no OCaml unit: is it stripped?".to_owned()));
    }
    let linked = link_order(&file, &landmarks)
        .ok_or_else(|| refuse("no table of code segments, or one that names what is not there".to_owned()))?;
    let is_unit = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let linked = linked.into_iter().filter(|name| is_unit(name)).collect();
    let mut bytes = measure(&file, &landmarks);
    bytes.retain(|unit, _| is_unit(unit));
    let allocated = file.sections().filter(|section| {
        matches!(section.flags(), SectionFlags::Elf { sh_flags, .. } if sh_flags.0 & object::elf::SHF_ALLOC.0 != 0)
            && !matches!(section.kind(), SectionKind::UninitializedData | SectionKind::UninitializedTls)
    });
    let alloc = allocated.map(|section| section.size()).sum();
    Ok(Executable { linked, bytes, alloc, unstripped: text.len() as u64 })
}

/// Splits `camlBase__List__code_begin` or `camlBase__List.code_begin` into the unit and the landmark.
fn split_landmark(symbol: &str) -> Option<(&str, &str)> {
    let name = symbol.strip_prefix("_caml").or_else(|| symbol.strip_prefix("caml"))?;
    ["code_begin", "code_end", "data_begin", "data_end", "frametable"].into_iter().find_map(|mark| {
        let unit = name.strip_suffix(mark)?;
        let unit = unit.strip_suffix("__").or_else(|| unit.strip_suffix('.'))?;
        (!unit.is_empty()).then_some((unit, mark))
    })
}

fn landmarks(file: &object::File<'_>) -> BTreeMap<String, Landmarks> {
    let mut found: BTreeMap<String, Landmarks> = BTreeMap::new();
    for symbol in file.symbols().filter(is_placed) {
        let Some((unit, mark)) = symbol.name().ok().and_then(split_landmark) else { continue };
        let marks = found.entry(unit.to_owned()).or_default();
        let slot = match mark {
            "code_begin" => &mut marks.code_begin,
            "code_end" => &mut marks.code_end,
            "data_begin" => &mut marks.data_begin,
            "data_end" => &mut marks.data_end,
            _ => &mut marks.frametable,
        };
        *slot = Some(symbol.address());
    }
    found.retain(|_, marks| marks.data_begin.is_some() || marks.code_begin.is_some());
    found
}

/// Returns the units in the order in which they are initialised, which is that of the linker's command line.
///
/// The start-up object holds a table of where the code of each unit begins and ends, closed by a zero. (The addresses
/// themselves are in another order: the C linker is given the archives backwards.)
fn link_order(file: &object::File<'_>, landmarks: &BTreeMap<String, Landmarks>) -> Option<Vec<String>> {
    let units: BTreeMap<u64, &String> =
        landmarks.iter().filter_map(|(unit, marks)| Some((marks.code_begin?, unit))).collect();
    let relocated: BTreeMap<u64, u64> = file
        .dynamic_relocations()
        .into_iter()
        .flatten()
        .map(|(offset, relocation)| (offset, relocation.addend().cast_unsigned()))
        .collect();
    let table = file.symbols().find(|symbol| {
        is_placed(symbol) && matches!(symbol.name(), Ok("caml_code_segments" | "_caml_code_segments"))
    })?;
    let section = file.section_by_index(table.section_index()?).ok()?;
    let mut order = Vec::new();
    for place in (table.address()..).step_by(16) {
        let stored = || Some(u64::from_le_bytes(section.data_range(place, 8).ok()??.try_into().ok()?));
        match relocated.get(&place).copied().or_else(stored)? {
            0 => return Some(order),
            begin => order.push((*units.get(&begin)?).clone()),
        }
    }
    None
}

/// Returns whether a symbol has a place in the file; `ObjectSymbol::is_definition` leaves out labels without a type,
/// which the landmarks are.
fn is_placed<'data>(symbol: &impl ObjectSymbol<'data>) -> bool {
    symbol.section_index().is_some()
}

/// Adds up what lies between the landmarks of each unit.
fn measure(file: &object::File<'_>, landmarks: &BTreeMap<String, Landmarks>) -> BTreeMap<String, UnitBytes> {
    let mut bytes: BTreeMap<String, UnitBytes> =
        landmarks.keys().map(|unit| (unit.clone(), UnitBytes::default())).collect();
    let code = code_spans(file, landmarks);
    let mut data = Vec::new();
    let mut addresses: Vec<u64> = file.symbols().filter(is_placed).map(|symbol| symbol.address()).collect();
    addresses.sort_unstable();
    for (unit, marks) in landmarks {
        let unit_bytes = bytes.get_mut(unit).expect("made from the same keys");
        if let (Some(begin), Some(end)) = (marks.data_begin, marks.data_end) {
            unit_bytes.data = end + 8 - begin;
        }
        if let Some(begin) = marks.frametable {
            let next = addresses[addresses.partition_point(|&address| address <= begin)..].first();
            unit_bytes.frametable = next.map_or(0, |next| next - begin);
        }
        if let (Some(begin), Some(frametable)) = (marks.data_begin, marks.frametable) {
            data.push((begin, frametable + unit_bytes.frametable, unit.as_str()));
        }
    }
    data.sort_unstable();
    for &(begin, end, unit) in &code {
        bytes.get_mut(unit).expect("made from the same keys").code = end - begin;
    }
    for (size, start) in frame_descriptions(file) {
        if let Some(unit) = owner(&code, start) {
            bytes.get_mut(unit).expect("made from the same keys").unwind += size + 8;
        }
    }
    for (offset, _) in file.dynamic_relocations().into_iter().flatten() {
        if let Some(unit) = owner(&data, offset) {
            bytes.get_mut(unit).expect("made from the same keys").relocations += 24;
        }
    }
    add_dynamic_symbols(file, &mut bytes);
    bytes
}

/// Returns the code of each unit, sorted by address.
///
/// With function sections the functions come after `code_end`, so the span reaches to the last one that bears the
/// name of the unit.
fn code_spans<'a>(
    file: &object::File<'_>,
    landmarks: &'a BTreeMap<String, Landmarks>,
) -> Vec<(u64, u64, &'a str)> {
    let mut functions: Vec<(u64, u64, String)> = file
        .symbols()
        .filter(|symbol| symbol.kind() == object::SymbolKind::Text && !symbol.is_undefined())
        .filter_map(|symbol| Some((symbol.address(), symbol.size(), symbol.name().ok()?.to_owned())))
        .collect();
    functions.sort();
    let mut begins: Vec<(u64, &str)> =
        landmarks.iter().filter_map(|(unit, marks)| Some((marks.code_begin?, unit.as_str()))).collect();
    begins.sort_unstable();
    let mut spans = Vec::new();
    for &(begin, unit) in &begins {
        let limit = begins[begins.partition_point(|&(other, _)| other <= begin)..]
            .first()
            .map_or(u64::MAX, |next| next.0);
        let prefixes = [format!("caml{unit}__"), format!("caml{unit}.")];
        let own = functions[functions.partition_point(|function| function.0 < begin)..]
            .iter()
            .take_while(|function| function.0 < limit)
            .filter(|function| prefixes.iter().any(|prefix| function.2.starts_with(prefix)));
        let last = own.map(|function| function.0 + function.1).max().unwrap_or(begin);
        spans.push((begin, last.max(landmarks[unit].code_end.unwrap_or(begin)), unit));
    }
    spans
}

/// Returns the name of the span that holds an address.
fn owner<'a>(spans: &[(u64, u64, &'a str)], address: u64) -> Option<&'a str> {
    let idx = spans.partition_point(|span| span.0 <= address).checked_sub(1)?;
    (address < spans[idx].1).then_some(spans[idx].2)
}

/// Returns the length and the first address of each frame description entry of `.eh_frame`.
///
/// Addresses are relative to their own place, four bytes wide: the only encoding that the assemblers at hand write.
fn frame_descriptions(file: &object::File<'_>) -> Vec<(u64, u64)> {
    let Some(section) = file.section_by_name(".eh_frame") else { return Vec::new() };
    let Ok(data) = section.data() else { return Vec::new() };
    let word = |at: usize| {
        data.get(at..at + 4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    };
    let mut entries = Vec::new();
    let mut at = 0;
    while let (Some(length), Some(cie)) = (word(at), word(at + 4)) {
        if length != 0 && cie != 0 {
            let Some(relative) = word(at + 8) else { break };
            let place = section.address() + at as u64 + 8;
            entries
                .push((u64::from(length) + 4, place.wrapping_add_signed(i64::from(relative.cast_signed()))));
        }
        at += length as usize + 4;
    }
    entries
}

fn add_dynamic_symbols(file: &object::File<'_>, bytes: &mut BTreeMap<String, UnitBytes>) {
    let n_symbols = file.dynamic_symbols().count() as u64 + 1;
    let tables: u64 = [".gnu.hash", ".gnu.version"]
        .into_iter()
        .filter_map(|name| Some(file.section_by_name(name)?.size()))
        .sum();
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for symbol in file.dynamic_symbols().filter(is_placed) {
        let Ok(name) = symbol.name() else { continue };
        let Some(own) = name.strip_prefix("caml") else { continue };
        // `camlBase__List__fold_12` belongs to the longest unit whose name it begins with.
        let mut cuts: Vec<usize> = own.match_indices("__").map(|(at, _)| at).collect();
        cuts.extend(own.find('.'));
        cuts.push(own.len());
        cuts.sort_unstable();
        if let Some(&cut) = cuts.iter().rev().find(|&&cut| bytes.contains_key(&own[..cut])) {
            let count = counts.entry(own[..cut].to_owned()).or_default();
            count.0 += 1;
            count.1 += name.len() as u64 + 1;
        }
    }
    for (unit, (count, names)) in counts {
        let unit_bytes = bytes.get_mut(&unit).expect("only known units are counted");
        unit_bytes.dynsym = names + count * 24 + (count * tables + n_symbols / 2) / n_symbols;
    }
}
