//! The units of an archive or object file, measured one by one.

use super::UnitSize;
use super::functions::Functions;
use super::pieces::cut_entry;
use super::spelling::Spelling;
use super::users::{find_users, shared_constants};
use crate::base::{Name, name};
use crate::cache::Packed;
use crate::size::archive::{Listing, for_each_member};
use crate::size::c_object::CObject;
use crate::size::frametable::{Frame, read_frames};
use crate::size::lines::read_rows;
use crate::size::ownership::own_data;
use crate::size::relocatable::{Relocatable, Spot, align_up};
use crate::size::{Anatomy, SizeError, packed, unwind};
use object::SectionKind;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::path::Path;

/// Measures the OCaml units of an archive or object file; other members (C code) are passed over.
///
/// **Errors**: when the archive or one of its OCaml members cannot be read; see [`SizeError`].
pub fn measure_objects(bytes: &[u8]) -> Result<Vec<UnitSize>, SizeError> {
    let mut units = Vec::new();
    for_each_member(bytes, |member, content| measure_member(member, content, &mut units))?;
    Ok(units)
}

/// What each member of an archive says, by its name; what is wrong with the archive itself stands last, without a name.
pub(in crate::size) type Members = Vec<(String, Packed<Result<Vec<UnitSize>, String>>)>;

/// [`measure_objects`], member by member, so that one that cannot be read does not count where nobody wants it.
pub(in crate::size) fn measure_members(bytes: &[u8]) -> Members {
    let mut contents: Vec<(String, &[u8])> = Vec::new();
    let read = for_each_member(bytes, |member, content| {
        contents.push((member.to_owned(), content));
        Ok(())
    });
    let measured = |(member, content): (String, &[u8])| {
        let mut units = Vec::new();
        let measured = measure_member(&member, content, &mut units);
        let measured = measured.map(|()| units).map_err(|error| error.to_string());
        (member, Packed::new(&measured))
    };
    let mut members: Members = contents.into_par_iter().map(measured).collect();
    members.extend(read.err().map(|error| (String::new(), Packed::new(&Err(error.to_string())))));
    members
}

/// Returns the units of those members whose names are wanted: what [`measure_file`] returns of the same archive.
pub(in crate::size) fn wanted_of(
    members: Members,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<UnitSize>, String> {
    let mut units = Vec::new();
    for (_, measured) in members.into_iter().filter(|(member, _)| member.is_empty() || is_wanted(member)) {
        units.extend(measured.get().unwrap_or_else(|| Err("the archive cannot be measured".to_owned()))?);
    }
    Ok(units)
}

/// [`measure_objects`] of a file; of an archive only the members whose names are wanted are read.
pub(in crate::size) fn measure_file(
    path: &Path,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<UnitSize>, String> {
    let units = Listing::of_file(path, is_wanted)?.make(|member, content| {
        let mut units = Vec::new();
        measure_member(member, content, &mut units)?;
        Ok(units)
    })?;
    Ok(units.into_iter().flatten().collect())
}

fn measure_member(member: &str, content: &[u8], units: &mut Vec<UnitSize>) -> Result<(), SizeError> {
    if let Some(object) = Relocatable::read(member, content)? {
        units.extend(measure_unit(&object)?);
    }
    Ok(())
}

/// Measures one object file; `Ok(None)` when it holds no OCaml unit.
fn measure_unit(object: &Relocatable<'_>) -> Result<Option<UnitSize>, SizeError> {
    let Some(spelling) = Spelling::find(&object.symbols) else { return Ok(None) };
    let data_references = object.data_references();
    let tables = frametables(object, &spelling);
    if tables.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        let what = "its frame tables overlap";
        return Err(SizeError::Inconsistent { member: object.member().to_owned(), what });
    }
    let mut functions = Functions::new(object, &spelling);
    let mut frames: Vec<Frame> = Vec::new();
    let mut allocation_places = 0;
    for &(start, end) in &tables {
        allocation_places += read_frames(object.data, start, end - start, data_references, |frame, scope| {
            functions.add_frame(frame, scope);
            frames.push(frame);
        });
    }
    functions.add_unwind(&unwind::read_entries(object));
    let rows = read_rows(object);
    functions.add_lines(&rows);
    functions.add_outside(&object.outside_references);
    let owned = own_data(object, &spelling, &functions, data_references, &tables);
    functions.add_data(&owned);

    let frametable = tables.iter().map(|&(start, end)| end - start).sum();
    let mut anatomy = Anatomy {
        text: align_up(object.code_len, object.code_align),
        data: object.data.len() as u64 - frametable,
        frametable,
        pointers: data_references.iter().filter(|reference| reference.is_pointer).count() as u64,
        ..Anatomy::default()
    };
    for function in &functions.list {
        anatomy.fde_bytes += function.anatomy.fde_bytes;
        anatomy.fdes += function.anatomy.fdes;
    }
    for symbol in object.symbols.iter().filter(|symbol| symbol.is_listed) {
        // Masks for floats are in every unit under the same name, which the linker keeps once; the file's name is empty.
        if symbol.name.is_empty() || matches!(symbol.name, "caml_negf_mask" | "caml_absf_mask") {
            anatomy.symbols += 1;
        } else {
            anatomy.add_symbol(symbol.name, symbol.is_global);
        }
    }
    anatomy.rodata = rodata(object);
    let (debug, shared_debug_strings) = debug(object, &spelling);
    anatomy.debug = debug;
    functions.add_symbols(object, &owned);
    functions.add_debug(debug);
    let mut starts = FxHashMap::default();
    for entry in 0..functions.list.len() {
        if functions.list[entry].is_entry {
            let (pieces, piece_starts) = cut_entry(&functions, entry, &rows, &frames, &owned);
            functions.list[entry].pieces = pieces;
            starts.insert(entry, piece_starts);
        }
    }
    find_users(&mut functions, &owned, &starts);
    let shared_constants = shared_constants(&functions, &owned, &starts);
    let placed: Anatomy = functions.list.iter().map(|function| function.anatomy).sum();
    let mut unit = UnitSize {
        unit: name(spelling.unit),
        anatomy,
        rest: anatomy - placed,
        functions: functions.list,
        text_linked: object.code_len,
        allocation_places,
        data_section: object.data.len() as u64,
        shared_debug_strings,
        shared_constants,
        parts: Vec::new(),
        link: CObject::of_ocaml(object),
    };
    if spelling.units.len() > 1 {
        let units: Vec<(&str, &str)> =
            spelling.units.iter().copied().zip(spelling.prefixes.iter().copied()).collect();
        unit.parts = packed::parts(&unit, object, &units, &tables);
    }
    Ok(Some(unit))
}

/// Returns start and end of the frame tables in the data section, sorted: one, but for the members of a pack.
fn frametables(object: &Relocatable<'_>, spelling: &Spelling<'_>) -> Vec<(u64, u64)> {
    let n_data = object.data.len() as u64;
    let starts = |suffix: &str| -> Vec<(u64, u64)> {
        let symbols = object.symbols.iter().filter_map(|symbol| match symbol.spot {
            Spot::Data(at)
                if symbol.name.ends_with(suffix) && spelling.local(symbol.name) == Some(suffix) =>
            {
                Some((at.min(n_data), symbol.size))
            }
            _ => None,
        });
        let mut found: Vec<(u64, u64)> = symbols.collect();
        found.sort_unstable();
        found.dedup_by_key(|&mut (at, _)| at);
        found
    };
    let begins = starts("data_begin");
    // Without a size (Mach-O, old compilers), a table reaches to the data of the next member, or to the end.
    let end = |at: u64, size: u64| {
        let next = begins.iter().map(|&(begin, _)| begin).find(|&begin| begin > at).unwrap_or(n_data);
        if size == 0 { next } else { at + size }
    };
    starts("frametable").into_iter().map(|(at, size)| (at, end(at, size))).collect()
}

/// Returns the bytes of read-only tables: those that are merged by content count once, and the masks for floats, which
/// are the same in every unit, not at all.
fn rodata(object: &Relocatable<'_>) -> u64 {
    let own = object.sections.iter().filter(|section| {
        matches!(section.kind, SectionKind::ReadOnlyData | SectionKind::ReadOnlyString)
            && !section.name.starts_with(".eh_frame")
            && !section.name.starts_with(".note")
            && section.name != ".rodata.cst16"
            && section.name != "__eh_frame"
    });
    own.map(|section| section.content.len() as u64).sum()
}

/// Returns the bytes of debug sections that are the unit's own, and the strings that others have too.
fn debug(object: &Relocatable<'_>, spelling: &Spelling<'_>) -> (u64, Vec<Name>) {
    let is_debug = |section: &str| section.starts_with(".debug_") || section.starts_with("__debug_");
    let is_strings = |section: &str| matches!(section, ".debug_str" | "__debug_str" | ".debug_line_str");
    let plain = object.sections.iter().filter(|section| is_debug(section.name) && !is_strings(section.name));
    let mut n_bytes: u64 = plain.map(|section| section.content.len() as u64).sum();
    let mut shared = Vec::new();
    for section in [[".debug_str", "__debug_str"], [".debug_line_str", "__debug_line_str"]] {
        let Some(section) = object.named(&section) else { continue };
        for text in section.content.split_inclusive(|&byte| byte == 0) {
            match std::str::from_utf8(text) {
                Ok(text) if spelling.local(text).is_none() => shared.push(name(text.trim_end_matches('\0'))),
                _ => n_bytes += text.len() as u64,
            }
        }
    }
    shared.sort();
    shared.dedup();
    (n_bytes, shared)
}
