//! Unwind tables of one object file: the bytes that each function has in `.eh_frame`.

use super::relocatable::{Relocatable, Spot};
use rustc_hash::FxHashMap;

/// The table, in ELF and in Mach-O.
const SECTIONS: [&str; 2] = [".eh_frame", "__eh_frame"];

/// Returns the bytes of the unwind entry of the code at each place of the code layout. Common entries (CIE), which the
/// linker merges, are left out; a broken table gives the entries before the damage.
pub(super) fn read_entries(object: &Relocatable<'_>) -> FxHashMap<u64, u64> {
    let mut entries = FxHashMap::default();
    let Some(section) = object.named(&SECTIONS) else { return entries };
    let table = section.content;
    let table_at = object.address_of(&SECTIONS);
    entries.reserve(section.references.len());
    let mut ahead = section.references.iter().peekable();
    // Fields are asked for in their order. Of several references at one place the last counts.
    let mut target_at = |field: u64| {
        while ahead.next_if(|reference| reference.at < field).is_some() {}
        let mut found = None;
        while let Some(reference) = ahead.next_if(|reference| reference.at == field) {
            found = Some(reference.target);
        }
        found
    };
    let word = |at: usize| -> Option<u32> {
        let bytes = table.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match object.endian() {
            object::Endianness::Little => u32::from_le_bytes(bytes),
            object::Endianness::Big => u32::from_be_bytes(bytes),
        })
    };
    // Where no reference tells, the table holds the distance to the code: eight bytes.
    let by_distance = |field: usize| -> Option<Spot> {
        let distance = u64::from(word(field)?) | u64::from(word(field.checked_add(4)?)?) << 32;
        object.code_at(table_at?.wrapping_add(field as u64).wrapping_add(distance)).map(Spot::Code)
    };
    let mut at = 0;
    while let Some(len) = word(at) {
        let Some(end) = at.checked_add(4 + len as usize).filter(|&end| end <= table.len()) else { break };
        let is_common = word(at + 4) == Some(0);
        if len > 0
            && !is_common
            && let Some(Spot::Code(code)) = target_at(at as u64 + 8).or_else(|| by_distance(at + 8))
        {
            *entries.entry(code).or_default() += 4 + u64::from(len);
        }
        at = end;
    }
    entries
}
