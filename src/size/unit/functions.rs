//! The functions of one unit, and what is counted as theirs.

use super::FunctionSize;
use super::spelling::Spelling;
use crate::base::name;
use crate::size::Anatomy;
use crate::size::frametable::Frame;
use crate::size::lines::Row;
use crate::size::ownership::Owned;
use crate::size::relocatable::{Relocatable, Spot};
use rustc_hash::FxHashMap;

/// The functions of one unit, being measured.
pub(in crate::size) struct Functions {
    pub(in crate::size) list: Vec<FunctionSize>,
    /// Start and end of each function's code, sorted; parallel to `list`.
    pub(super) ranges: Vec<(u64, u64)>,
}

impl Functions {
    /// Finds the functions. Formats without sizes: a function reaches to the next one.
    pub(super) fn new(object: &Relocatable<'_>, spelling: &Spelling<'_>) -> Self {
        let mut found: Vec<(u64, u64, &str)> = Vec::new();
        for symbol in object.symbols.iter().filter(|symbol| symbol.is_function) {
            let local = spelling.local(symbol.name);
            // Formats without kinds of symbols have labels of the assembler among them (`ltmp0`).
            let marker =
                matches!(local, Some("code_begin" | "code_end")) || (!object.has_kinds && local.is_none());
            // A damaged file may place a symbol anywhere.
            if let (Spot::Code(at), false) = (symbol.spot, marker)
                && at <= object.code_len
            {
                found.push((at, symbol.size, symbol.name));
            }
        }
        found.sort();
        found.dedup_by_key(|&mut (at, _, _)| at);
        let starts: Vec<u64> = found.iter().map(|&(at, _, _)| at).chain([object.code_len]).collect();
        // The list is kept to the end: it gets its exact length.
        let (list, ranges) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
        let mut functions = Functions { list, ranges };
        for (i, &(at, size, symbol)) in found.iter().enumerate() {
            let next = starts[i + 1].max(at);
            let end = at.saturating_add(size).min(object.code_len);
            functions.ranges.push((at, if size == 0 { next } else { end }));
            functions.list.push(FunctionSize {
                symbol: symbol.into(),
                own_name: spelling.ocaml_name(symbol),
                is_entry: spelling.local(symbol) == Some("entry"),
                line: None,
                scope: None,
                outside: None,
                user: None,
                uses: None,
                // With the padding before the next function: somebody has to pay for it.
                anatomy: Anatomy { text: next - at, ..Anatomy::default() },
                pieces: Vec::new(),
            });
        }
        functions
    }

    /// Returns the function whose code holds a place.
    pub(in crate::size) fn covering(&self, at: u64) -> Option<usize> {
        let index = self.ranges.partition_point(|&(start, _)| start <= at).checked_sub(1)?;
        let (start, end) = self.ranges[index];
        (at < end.max(start + 1)).then_some(index)
    }

    /// Returns what answers [`Functions::covering`] for places that do not go back.
    pub(in crate::size) fn walk(&self) -> Walk<'_> {
        Walk { ranges: &self.ranges, n_started: 0 }
    }

    pub(super) fn add_frame<'d>(&mut self, frame: Frame, scope: &dyn Fn() -> Option<&'d str>) {
        // The return address may be the function's end, when the call does not return.
        let Some(function) = self.covering(frame.return_at.saturating_sub(1)) else { return };
        let function = &mut self.list[function];
        function.anatomy.frametable += frame.descriptor + frame.records;
        function.anatomy.pointers += 1;
        if function.scope.is_none() {
            function.scope = scope().map(Box::from);
        }
    }

    pub(super) fn add_unwind(&mut self, entries: &FxHashMap<u64, u64>) {
        for (function, &(start, _)) in self.list.iter_mut().zip(&self.ranges) {
            if let Some(&n_bytes) = entries.get(&start) {
                function.anatomy.fde_bytes += n_bytes;
                function.anatomy.fdes += 1;
            }
        }
    }

    pub(super) fn add_lines(&mut self, rows: &[Row]) {
        for (function, &(start, end)) in self.list.iter_mut().zip(&self.ranges) {
            let first = rows.get(rows.partition_point(|row| row.at < start));
            function.line = first.filter(|row| row.at < end.max(start + 1)).map(|row| (row.file, row.line));
        }
    }

    /// Notes what functions name that nothing else tells the place of; lines and frames are known.
    pub(super) fn add_outside(&mut self, references: &[(u64, &str)]) {
        for &(at, symbol) in references {
            let Some(function) = self.covering(at) else { continue };
            let function = &mut self.list[function];
            if !function.is_entry && function.line.is_none() && function.scope.is_none() {
                function.outside.get_or_insert_with(|| name(symbol));
            }
        }
    }

    pub(super) fn add_data(&mut self, owned: &Owned) {
        for block in &owned.blocks {
            if let Some(owner) = block.owner {
                let anatomy = &mut self.list[owner].anatomy;
                anatomy.data += block.end - block.start;
                anatomy.pointers += block.n_pointers;
            }
        }
    }

    /// Gives each symbol to the function that it names, or that owns the block it names.
    pub(super) fn add_symbols(&mut self, object: &Relocatable<'_>, owned: &Owned) {
        let at: FxHashMap<u64, usize> =
            self.ranges.iter().enumerate().map(|(i, &(start, _))| (start, i)).collect();
        for symbol in object.symbols.iter().filter(|symbol| symbol.is_listed && symbol.is_function) {
            if let Spot::Code(start) = symbol.spot
                && let Some(&function) = at.get(&start)
            {
                self.list[function].anatomy.add_symbol(symbol.name, symbol.is_global);
            }
        }
        for named in &owned.names {
            if let Some(owner) = owned.blocks[named.block].owner {
                self.list[owner].anatomy.add_symbol_of_len(named.len, named.is_global);
            }
        }
    }

    /// Shares the debug sections out by the length of code, which line tables follow.
    pub(super) fn add_debug(&mut self, n_debug: u64) {
        let n_code: u64 = self.ranges.iter().map(|&(start, end)| end - start).sum();
        for (function, &(start, end)) in self.list.iter_mut().zip(&self.ranges) {
            let share = u128::from(n_debug) * u128::from(end - start) / u128::from(n_code.max(1));
            function.anatomy.debug = share as u64;
        }
    }
}

/// Finds functions by places that do not go back.
pub(in crate::size) struct Walk<'f> {
    ranges: &'f [(u64, u64)],
    n_started: usize,
}

impl Walk<'_> {
    /// Returns the function whose code holds a place.
    pub(in crate::size) fn covering(&mut self, at: u64) -> Option<usize> {
        while self.ranges.get(self.n_started).is_some_and(|&(start, _)| start <= at) {
            self.n_started += 1;
        }
        let index = self.n_started.checked_sub(1)?;
        let (start, end) = self.ranges[index];
        (at < end.max(start + 1)).then_some(index)
    }
}
