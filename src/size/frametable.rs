//! The frame table of one unit: which descriptors and location records belong to which return address.
//!
//! Takes the table's bytes and the references inside it. Layout (`asmcomp/emitaux.ml`, 4.11 to 5.3): a count of 8 bytes;
//! per descriptor 8 bytes of return address, 2 of frame size whose two low bits are flags, 2 of the number of live
//! slots, 2 per slot; with flag 2 the lengths of a combined allocation; with flag 1 a relative offset of 4 bytes to a
//! location record per allocation, or one; padded to 8. Behind the descriptors: records of 8 bytes, chained for inlined
//! code, that point to names of functions, which point to names of files. Parsing stops where the table is not of that
//! form (older compilers): the rest then belongs to nobody in particular.

use super::relocatable::{Reference, Spot, align_up};
use fixedbitset::FixedBitSet;
use std::ffi::CStr;

/// One return address with its share of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Frame {
    /// The return address, as an offset of the code layout.
    pub(super) return_at: u64,
    /// Bytes of the descriptor.
    pub(super) descriptor: u64,
    /// Bytes of location records and names that no earlier descriptor used.
    pub(super) records: u64,
}

/// Reads the frame table at `start` of a data section; `references` are those of the whole section. Returns the bytes of the
/// table that are there only for the places of allocations: offsets in their descriptors, and the records and names that no
/// call uses. A unit compiled without `-g` has none.
///
/// `visit` is given each frame, and what finds the dotted name of the function as the compiler prints it in backtraces
/// (`Base__List.Sub.f`, `.(fun)` behind it for inner functions): the outermost one where calls were inlined.
pub(super) fn read_frames<'d>(
    data: &'d [u8],
    start: u64,
    len: u64,
    references: &[Reference],
    mut visit: impl FnMut(Frame, &dyn Fn() -> Option<&'d str>),
) -> u64 {
    let end = start.saturating_add(len).min(data.len() as u64);
    let Some(table) = data.get(start as usize..end as usize) else { return 0 };
    let table = Table { bytes: table };
    let first = references.partition_point(|reference| reference.at < start);
    let mut pending = references[first..].iter().peekable();
    let mut seen = FixedBitSet::with_capacity(table.bytes.len());
    let mut seen_by_calls = seen.clone();
    let mut of_allocations = Vec::new();
    let mut n_places = 0;
    let mut records = Vec::new();
    let mut at = 8;
    for _ in 0..table.u64(0).unwrap_or(0) {
        let Some(descriptor_end) = table.descriptor(at, &mut records) else { break };
        while pending.next_if(|reference| reference.at < start + at).is_some() {}
        if let Some(reference) = pending.next_if(|reference| reference.at == start + at)
            && let Spot::Code(return_at) = reference.target
        {
            let n_bytes = records.iter().map(|&record| table.claim(record, &mut seen)).sum();
            let frame = Frame { return_at, descriptor: descriptor_end - at, records: n_bytes };
            visit(frame, &|| records.iter().find_map(|&record| table.scope(record)));
        }
        match table.without_places(at) {
            Some(plain_end) => {
                n_places += descriptor_end.saturating_sub(plain_end);
                of_allocations.extend_from_slice(&records);
            }
            None => {
                for &record in &records {
                    table.claim(record, &mut seen_by_calls);
                }
            }
        }
        at = descriptor_end;
    }
    n_places + of_allocations.into_iter().map(|record| table.claim(record, &mut seen_by_calls)).sum::<u64>()
}

/// Returns the bytes of a table that are there only for the places of allocations.
pub(super) fn allocation_places(data: &[u8], start: u64, len: u64) -> u64 {
    read_frames(data, start, len, &[], |_, _| ())
}

/// Names of files and functions are shorter: each is looked for to its end.
const MAX_NAME: usize = 1 << 14;

/// The bytes of a frame table. Offsets are checked at each read, so that damage ends the reading.
struct Table<'a> {
    bytes: &'a [u8],
}

impl<'d> Table<'d> {
    fn array<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        let at = usize::try_from(at).ok()?;
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }
    fn u64(&self, at: u64) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }
    fn u32(&self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }
    fn u16(&self, at: u64) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    /// Returns where the descriptor at `start` ends, and leaves the offsets of its location records in `records`.
    fn descriptor(&self, start: u64, records: &mut Vec<u64>) -> Option<u64> {
        records.clear();
        let frame_size = self.u16(start + 8)?;
        let n_live = u64::from(self.u16(start + 10)?);
        let flags = if frame_size == 0xffff { 0 } else { frame_size & 3 };
        let mut at = start + 12 + 2 * n_live;
        let mut n_records = 1;
        if flags & 2 != 0 {
            n_records = u64::from(self.array::<1>(at)?[0]);
            at += 1 + n_records;
        }
        if flags & 1 != 0 {
            at = align_up(at, 4);
            for _ in 0..n_records {
                let relative = self.u32(at)? as i32;
                if relative != 0 {
                    records.extend(at.checked_add_signed(i64::from(relative)));
                }
                at += 4;
            }
        }
        let end = align_up(at, 8);
        (end <= self.bytes.len() as u64).then_some(end)
    }

    /// Returns where the descriptor of an allocation at `start` would end without places; nothing for other descriptors.
    fn without_places(&self, start: u64) -> Option<u64> {
        let frame_size = self.u16(start + 8)?;
        let lengths_at = start + 12 + 2 * u64::from(self.u16(start + 10)?);
        let n_allocations = u64::from(self.array::<1>(lengths_at)?[0]);
        (frame_size != 0xffff && frame_size & 3 == 3).then(|| align_up(lengths_at + 1 + n_allocations, 8))
    }

    /// Returns the bytes of the chain of records at `record`, with the names that it uses, which nobody claimed yet.
    fn claim(&self, mut record: u64, seen: &mut FixedBitSet) -> u64 {
        let mut n_bytes = 0;
        // Ends because each turn sees a new offset of the table.
        while let Some(info) = self.u32(record)
            && is_new(seen, record)
        {
            n_bytes += 8;
            let name_at = record + u64::from(info & 0x03ff_fffc);
            if !seen.contains(name_at as usize)
                && let Some(name) = self.text(name_at + 4)
            {
                is_new(seen, name_at);
                n_bytes += align_up(4 + name.len() as u64 + 1, 4);
                let relative = self.u32(name_at).unwrap_or(0) as i32;
                if let Some(file_at) = name_at.checked_add_signed(i64::from(relative))
                    && !seen.contains(file_at as usize)
                    && let Some(file) = self.text(file_at)
                {
                    is_new(seen, file_at);
                    n_bytes += file.len() as u64 + 1;
                }
            }
            if info & 1 == 0 {
                break;
            }
            record += 8;
        }
        n_bytes
    }

    /// Returns the name of the function that the last record of a chain is in: the function itself, not what was
    /// inlined into it.
    fn scope(&self, mut record: u64) -> Option<&'d str> {
        let mut info = self.u64(record)?;
        // A chain is as deep as inlining goes: 64 is far beyond any.
        for _ in 0..64 {
            if info & 1 == 0 {
                break;
            }
            record += 8;
            info = self.u64(record)?;
        }
        let name_at = record + (info & 0x03ff_fffc);
        let text = |at| std::str::from_utf8(self.text(at)?).ok().filter(|text| is_scope(text));
        // Since 5.2 a record of another form, marked by its top bit, has a location before the name.
        let packed = if info >> 63 == 1 { text(name_at + 12) } else { None };
        packed.or_else(|| text(name_at + 4))
    }

    /// Returns the string at `at`, its end left out.
    fn text(&self, at: u64) -> Option<&'d [u8]> {
        let rest = self.bytes.get(usize::try_from(at).ok()?..)?;
        let rest = &rest[..rest.len().min(MAX_NAME)];
        CStr::from_bytes_until_nul(rest).ok().map(CStr::to_bytes)
    }
}

/// Notes an offset of the table; returns whether it is new.
fn is_new(seen: &mut FixedBitSet, at: u64) -> bool {
    !seen.put(at as usize)
}

/// Whether a text may be the dotted name of a function: it starts with a unit's name.
fn is_scope(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase()) && text.bytes().all(|byte| byte >= b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two descriptors: one with a location and two live slots, one of an allocation; a record and its names.
    fn sample() -> (Vec<u8>, Vec<Reference>) {
        let mut table = 2u64.to_le_bytes().to_vec();
        table.extend([0; 8]);
        table.extend([17, 0, 2, 0, 8, 0, 16, 0]);
        table.extend(24i32.to_le_bytes()); // record at 24 + 24
        table.extend([0; 4]);
        assert_eq!(table.len(), 32);
        table.extend([0; 8]);
        table.extend([18, 0, 0, 0, 1, 3, 0, 0]);
        table.extend((8u32 | 2).to_le_bytes()); // raised; names 8 bytes on
        table.extend([0; 4]);
        table.extend(8i32.to_le_bytes());
        table.extend(b"A.f\0a.ml\0");
        let pointer = |at, target| Reference { at, target: Spot::Code(target), is_pointer: true };
        (table, vec![pointer(8, 0x20), pointer(32, 0x40)])
    }

    fn frames(table: &[u8], references: &[Reference]) -> Vec<(Frame, Option<String>)> {
        let mut frames = Vec::new();
        let len = table.len() as u64;
        read_frames(table, 0, len, references, |frame, scope| {
            frames.push((frame, scope().map(str::to_owned)))
        });
        frames
    }

    #[test]
    fn descriptors_records_and_names() {
        let (table, references) = sample();
        let first = Frame { return_at: 0x20, descriptor: 24, records: 8 + 8 + 5 };
        let second = Frame { return_at: 0x40, descriptor: 16, records: 0 };
        assert_eq!(frames(&table, &references), [(first, Some("A.f".to_owned())), (second, None)]);
        assert_eq!(24 + 16 + 8 + 21, table.len() as u64, "every byte of the table is accounted for");
    }

    /// An allocation with its place, and a call: `-g` adds the offset (4 bytes and padding), the record and the name.
    #[test]
    fn places_of_allocations_are_told_from_those_of_calls() {
        let mut table = 2u64.to_le_bytes().to_vec();
        table.extend([0; 8]);
        table.extend([19, 0, 0, 0, 1, 3, 0, 0]); // flags 3: one allocation of three words, with a place
        table.extend(8i32.to_le_bytes()); // at 24: record at 32 ..
        table.extend([0; 4]);
        let plain = 24;
        assert_eq!(table.len(), 32);
        let n_claimed = 8 + 8 + 5;
        table.extend((8u32 | 2).to_le_bytes());
        table.extend([0; 4]);
        table.extend(8i32.to_le_bytes());
        table.extend(b"A.f\0a.ml\0");
        table[0] = 1;
        assert_eq!(allocation_places(&table, 0, table.len() as u64), 32 - plain + n_claimed);
        let (calls, _) = sample();
        assert_eq!(allocation_places(&calls, 0, calls.len() as u64), 0, "calls have places without -g too");
    }

    #[test]
    fn a_name_without_an_end_is_none() {
        let (table, references) = sample();
        let claimed = |names: &[u8]| {
            let start = table.len() - b"A.f\0a.ml\0".len();
            frames(&[&table[..start], names, &[0]].concat(), &references)[0].0.records
        };
        assert!(claimed(b"A.f\0a.ml") > 8, "the record and its names");
        assert_eq!(claimed(&vec![b'a'; 2 * MAX_NAME]), 8, "the record alone");
    }

    #[test]
    fn damage_ends_the_reading() {
        let (table, references) = sample();
        for cut in 0..table.len() {
            allocation_places(&table[..cut], 0, table.len() as u64);
            read_frames(&table[..cut], 0, table.len() as u64, &references, |_, scope| {
                scope();
            });
        }
        for at in 0..table.len() {
            for byte in [0, 1, 2, 3, 0x7f, 0x80, 0xff] {
                let mut damaged = table.clone();
                damaged[at] = byte;
                assert!(frames(&damaged, &references).len() <= 2);
            }
        }
    }
}
