//! One OCaml unit as its object file has it: its anatomy as a whole, and function by function.
//!
//! Takes an archive (`.a`) or an object file (`.o`), gives [`UnitSize`]s in the file's order. Counts of functions and
//! [`UnitSize::rest`] add up to the unit's: nothing is counted twice, nothing is left out. What is left out on purpose:
//! what the linker adds for a unit elsewhere (start-up tables), which depends on the link.

use super::archive::{for_each_member, for_each_member_of_file};
use super::c_object::CObject;
use super::frametable::{Frame, read_frames};
use super::lines::{Row, read_rows};
use super::ownership::{Owned, Used, own_data};
use super::relocatable::{Relocatable, Spot, Symbol, align_up};
use super::shared::SharedConstants;
use super::{Anatomy, Bytes, Profile, SizeError, packed, unwind};
use crate::base::{Name, name};
use crate::cache::Packed;
use object::SectionKind;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// One OCaml unit of an archive.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize, Default)]
pub struct UnitSize {
    /// The unit's name (`Base__List`).
    pub unit: Name,
    /// What the unit consists of.
    pub anatomy: Anatomy,
    /// Its functions, in the order of their code; the initialisation function is one of them.
    pub functions: Vec<FunctionSize>,
    /// What belongs to no function: the module block, roots, tables' heads, alignment before code.
    pub rest: Anatomy,
    /// Code without the padding that the linker puts behind the unit: what `size` prints for `.text`, laid out.
    pub text_linked: u64,
    /// Bytes of the frame table that `-g` has added: places of allocations.
    pub allocation_places: u64,
    /// Bytes of data before the frame table: pairs with `anatomy.frametable` to the section's length.
    pub data_section: u64,
    /// Strings of the debug sections that other units have too (producer, file names), each with its end: the linker
    /// keeps one of each.
    pub shared_debug_strings: Vec<Name>,
    /// Constants that several of its functions and pieces of initialisation use.
    pub shared_constants: Vec<SharedConstants>,
    /// For a unit made by `-pack`: its members, and last the pack itself with what is left. Together they are the unit.
    pub parts: Vec<UnitSize>,
    /// What it needs of C code, and what the linker merges.
    pub(super) link: CObject,
}

impl UnitSize {
    /// Returns the unit's bytes in an executable of the given profile.
    #[must_use]
    pub fn bytes(&self, profile: Profile) -> Bytes {
        self.anatomy.bytes(profile)
    }
}

/// One function of a unit.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct FunctionSize {
    /// Its symbol (`camlBase__List__fold_1234`).
    pub symbol: Box<str>,
    /// Where its OCaml name is in the symbol.
    pub(super) own_name: Option<Range<u32>>,
    /// Whether it is the unit's initialisation.
    pub is_entry: bool,
    /// The file and line (from 1) of its first instruction that has one.
    pub line: Option<(Name, u32)>,
    /// Its dotted name as in backtraces (`Base__List.Sub.f`), where one of its calls or allocations tells.
    pub scope: Option<Box<str>>,
    /// Who refers to it first: where a function has no place of its own, it belongs to what its user belongs to.
    pub user: Option<User>,
    /// The first other function that it refers to, as an index in the unit's functions.
    pub uses: Option<u32>,
    /// What is its own: code with padding, frame descriptors, unwind entries, closures and constants, symbols.
    pub anatomy: Anatomy,
    /// For the initialisation function: its parts by source line, in the order of the code; they add up to less than
    /// the whole by its unwind entry, its own symbol and its padding. Empty for others.
    pub pieces: Vec<Piece>,
}

impl FunctionSize {
    /// Returns its OCaml name (`fold`; `fun` for anonymous ones); `None` for the initialisation function and for code that the
    /// compiler adds.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let range = self.own_name.as_ref()?;
        self.symbol.get(range.start as usize..range.end as usize)
    }
}

/// Who refers to a function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
pub enum User {
    /// Another function of the unit, by index.
    Function(u32),
    /// An initialisation function, by index, in one of its pieces.
    Piece(u32, u32),
}

/// A run of initialisation code that comes from one line, or that stores one closure or constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Piece {
    /// File and line (from 1); `None` before the first line that the table names, and where something is stored without
    /// a line of its own.
    pub line: Option<(Name, u32)>,
    /// The function whose closure is stored there, as an index in the unit's functions.
    pub closure_of: Option<u32>,
    /// Whether a constant is stored there.
    pub stores_constant: bool,
    /// Code, frame descriptors, and the constants that nothing before used.
    pub anatomy: Anatomy,
}

/// Measures the OCaml units of an archive or object file; other members (C code) are passed over.
///
/// **Errors**: when the archive or one of its OCaml members cannot be read; see [`SizeError`].
pub fn measure_objects(bytes: &[u8]) -> Result<Vec<UnitSize>, SizeError> {
    let mut units = Vec::new();
    for_each_member(bytes, |member, content| measure_member(member, content, &mut units))?;
    Ok(units)
}

/// What each member of an archive says, by its name; what is wrong with the archive itself stands last, without a name.
pub(super) type Members = Vec<(String, Packed<Result<Vec<UnitSize>, String>>)>;

/// [`measure_objects`], member by member, so that one that cannot be read does not count where nobody wants it.
pub(super) fn measure_members(bytes: &[u8]) -> Members {
    let mut members = Members::new();
    let read = for_each_member(bytes, |member, content| {
        let mut units = Vec::new();
        let measured = measure_member(member, content, &mut units);
        let measured = measured.map(|()| units).map_err(|error| error.to_string());
        members.push((member.to_owned(), Packed::new(&measured)));
        Ok(())
    });
    members.extend(read.err().map(|error| (String::new(), Packed::new(&Err(error.to_string())))));
    members
}

/// Returns the units of those members whose names are wanted: what [`measure_file`] returns of the same archive.
pub(super) fn wanted_of(members: Members, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<UnitSize>, String> {
    let mut units = Vec::new();
    for (_, measured) in members.into_iter().filter(|(member, _)| member.is_empty() || is_wanted(member)) {
        units.extend(measured.get().unwrap_or_else(|| Err("the archive cannot be measured".to_owned()))?);
    }
    Ok(units)
}

/// [`measure_objects`] of a file; of an archive only the members whose names are wanted are read.
pub(super) fn measure_file(path: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<UnitSize>, String> {
    let mut units = Vec::new();
    for_each_member_of_file(path, is_wanted, |member, content| measure_member(member, content, &mut units))?;
    Ok(units)
}

fn measure_member(member: &str, content: &[u8], units: &mut Vec<UnitSize>) -> Result<(), SizeError> {
    if let Some(object) = Relocatable::read(member, content)? {
        units.extend(measure_unit(&object)?);
    }
    Ok(())
}

/// How symbols of a unit are spelled.
pub(super) struct Spelling<'d> {
    /// The unit.
    unit: &'d str,
    /// `camlUnit__`, or since OCaml 5.1 `camlUnit.` (`camlUnit$` where the assembler has no dots). A unit made by
    /// `-pack` has one for each member as well; the longest come first.
    prefixes: Vec<&'d str>,
    /// The units with these prefixes, in the same order.
    units: Vec<&'d str>,
}

impl<'d> Spelling<'d> {
    /// Finds the unit that an object file defines, by the symbols at the start of its code.
    fn find(symbols: &[Symbol<'d>]) -> Option<Self> {
        let begins = symbols.iter().filter(|symbol| symbol.is_listed).filter_map(|symbol| {
            let prefix = symbol.name.strip_suffix("code_begin")?;
            let unit = prefix
                .strip_suffix("__")
                .or_else(|| prefix.strip_suffix(['.', '$']))?
                .strip_prefix("caml")?;
            // `caml_startup__code_begin` and the runtime's `caml_system__code_begin` are no units.
            (!unit.is_empty() && !unit.starts_with('_')).then_some((unit, prefix))
        });
        let mut begins: Vec<(&str, &str)> = begins.collect();
        begins.sort_by_key(|&(unit, _)| std::cmp::Reverse(unit.len()));
        // The members of a pack are named after it: the shortest is the pack.
        let &(unit, _) = begins.last()?;
        let (units, prefixes) = begins.into_iter().unzip();
        Some(Spelling { unit, prefixes, units })
    }

    /// Returns what follows the prefix, when a symbol is one of the unit's. For the symbol of the module block that is
    /// empty.
    pub(super) fn local(&self, symbol: &'d str) -> Option<&'d str> {
        let is_block = |prefix: &&&str| prefix.trim_end_matches(['_', '.', '$']) == symbol;
        let local = self.prefixes.iter().find_map(|prefix| symbol.strip_prefix(prefix));
        local.or_else(|| self.prefixes.iter().find(is_block).map(|_| ""))
    }

    /// Returns where the OCaml name is in the symbol of a function: `name_stamp`.
    fn ocaml_name(&self, symbol: &'d str) -> Option<Range<u32>> {
        let local = self.local(symbol)?;
        let (own, stamp) = local.rsplit_once('_')?;
        let start = symbol.len() - local.len();
        (!stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| start as u32..(start + own.len()) as u32)
    }
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

/// The functions of one unit, being measured.
pub(super) struct Functions {
    pub(super) list: Vec<FunctionSize>,
    /// Start and end of each function's code, sorted; parallel to `list`.
    ranges: Vec<(u64, u64)>,
}

impl Functions {
    /// Finds the functions. Formats without sizes: a function reaches to the next one.
    fn new(object: &Relocatable<'_>, spelling: &Spelling<'_>) -> Self {
        let mut found: Vec<(u64, u64, &str)> = Vec::new();
        for symbol in object.symbols.iter().filter(|symbol| symbol.is_function) {
            let local = spelling.local(symbol.name);
            // Formats without kinds of symbols have labels of the assembler among them (`ltmp0`).
            let marker =
                matches!(local, Some("code_begin" | "code_end")) || (!object.has_kinds && local.is_none());
            if let (Spot::Code(at), false) = (symbol.spot, marker) {
                found.push((at, symbol.size, symbol.name));
            }
        }
        found.sort();
        found.dedup_by_key(|&mut (at, _, _)| at);
        let starts: Vec<u64> = found.iter().map(|&(at, _, _)| at).chain([object.code_len]).collect();
        let mut functions = Functions { list: Vec::new(), ranges: Vec::new() };
        for (i, &(at, size, symbol)) in found.iter().enumerate() {
            let next = starts[i + 1].max(at);
            functions.ranges.push((at, if size == 0 { next } else { at + size }));
            functions.list.push(FunctionSize {
                symbol: symbol.into(),
                own_name: spelling.ocaml_name(symbol),
                is_entry: spelling.local(symbol) == Some("entry"),
                line: None,
                scope: None,
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
    pub(super) fn covering(&self, at: u64) -> Option<usize> {
        let index = self.ranges.partition_point(|&(start, _)| start <= at).checked_sub(1)?;
        let (start, end) = self.ranges[index];
        (at < end.max(start + 1)).then_some(index)
    }

    /// Returns what answers [`Functions::covering`] for places that do not go back.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk { ranges: &self.ranges, n_started: 0 }
    }

    fn add_frame<'d>(&mut self, frame: Frame, scope: &dyn Fn() -> Option<&'d str>) {
        // The return address may be the function's end, when the call does not return.
        let Some(function) = self.covering(frame.return_at.saturating_sub(1)) else { return };
        let function = &mut self.list[function];
        function.anatomy.frametable += frame.descriptor + frame.records;
        function.anatomy.pointers += 1;
        if function.scope.is_none() {
            function.scope = scope().map(Box::from);
        }
    }

    fn add_unwind(&mut self, entries: &FxHashMap<u64, u64>) {
        for (function, &(start, _)) in self.list.iter_mut().zip(&self.ranges) {
            if let Some(&n_bytes) = entries.get(&start) {
                function.anatomy.fde_bytes += n_bytes;
                function.anatomy.fdes += 1;
            }
        }
    }

    fn add_lines(&mut self, rows: &[Row]) {
        for (function, &(start, end)) in self.list.iter_mut().zip(&self.ranges) {
            let first = rows.get(rows.partition_point(|row| row.at < start));
            function.line = first.filter(|row| row.at < end.max(start + 1)).map(|row| (row.file, row.line));
        }
    }

    fn add_data(&mut self, owned: &Owned) {
        for block in &owned.blocks {
            if let Some(owner) = block.owner {
                let anatomy = &mut self.list[owner].anatomy;
                anatomy.data += block.end - block.start;
                anatomy.pointers += block.n_pointers;
            }
        }
    }

    /// Gives each symbol to the function that it names, or that owns the block it names.
    fn add_symbols(&mut self, object: &Relocatable<'_>, owned: &Owned) {
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
    fn add_debug(&mut self, n_debug: u64) {
        let n_code: u64 = self.ranges.iter().map(|&(start, end)| end - start).sum();
        for (function, &(start, end)) in self.list.iter_mut().zip(&self.ranges) {
            let share = u128::from(n_debug) * u128::from(end - start) / u128::from(n_code.max(1));
            function.anatomy.debug = share as u64;
        }
    }
}

/// Finds functions by places that do not go back.
pub(super) struct Walk<'f> {
    ranges: &'f [(u64, u64)],
    n_started: usize,
}

impl Walk<'_> {
    /// Returns the function whose code holds a place.
    pub(super) fn covering(&mut self, at: u64) -> Option<usize> {
        while self.ranges.get(self.n_started).is_some_and(|&(start, _)| start <= at) {
            self.n_started += 1;
        }
        let index = self.n_started.checked_sub(1)?;
        let (start, end) = self.ranges[index];
        (at < end.max(start + 1)).then_some(index)
    }
}

/// Cuts an initialisation function where the line table changes lines, and where it stores closures and constants
/// without a line. Returns the pieces with their starts.
fn cut_entry(
    functions: &Functions,
    entry: usize,
    rows: &[Row],
    frames: &[Frame],
    owned: &Owned,
) -> (Vec<Piece>, Vec<u64>) {
    let (start, end) = functions.ranges[entry];
    let empty = Piece { line: None, closure_of: None, stores_constant: false, anatomy: Anatomy::default() };
    let mut cuts: Vec<(u64, Cut)> = vec![(start, Cut::Start)];
    for &(at, block) in owned.entry_uses.iter().filter(|&&(at, _)| start <= at && at < end) {
        let owner = owned.blocks[block].owner.filter(|&owner| owner != entry);
        let closure_of = owner.map(|owner| owner as u32);
        cuts.push((at.saturating_sub(owned.n_ahead).max(start), Cut::Store(closure_of)));
    }
    let first_row = rows.partition_point(|row| row.at < start);
    let own_rows = rows[first_row..].iter().take_while(|row| row.at < end);
    cuts.extend(own_rows.map(|row| (row.at, Cut::Line(row.file, row.line))));
    // At one place, what comes later counts.
    cuts.sort_by_key(|&(at, _)| at);
    let mut starts: Vec<u64> = Vec::new();
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, cut) in cuts {
        if starts.last() != Some(&at) {
            starts.push(at);
            pieces.push(empty);
        }
        let Some(piece) = pieces.last_mut() else { continue };
        match cut {
            Cut::Start => {}
            Cut::Store(closure_of) => {
                *piece = Piece { closure_of, stores_constant: closure_of.is_none(), ..empty };
            }
            // Several rows at one place: the last one is what the code there comes from. A store within an unfinished line
            // has cut it; the rest of the line goes on with the next row.
            Cut::Line(file, line) => piece.line = Some((file, line)),
        }
    }
    let piece_at = |at: u64| starts.partition_point(|&start| start <= at).saturating_sub(1);
    for (i, piece) in pieces.iter_mut().enumerate() {
        piece.anatomy.text = starts.get(i + 1).copied().unwrap_or(end) - starts[i];
    }
    for frame in frames.iter().filter(|frame| start < frame.return_at && frame.return_at <= end) {
        let anatomy = &mut pieces[piece_at(frame.return_at - 1)].anatomy;
        anatomy.frametable += frame.descriptor + frame.records;
        anatomy.pointers += 1;
    }
    // Blocks that hang on one that is stored there come with it, and their symbols.
    let mut piece_of: Vec<Option<usize>> = vec![None; owned.blocks.len()];
    for &(at, block) in owned.entry_uses.iter().filter(|&&(at, _)| start <= at && at < end) {
        if owned.blocks[block].owner == Some(entry) {
            piece_of[block] = Some(piece_at(at));
        }
    }
    for block in &owned.blocks {
        if let Some(piece) = block.root.and_then(|root| piece_of[root]) {
            pieces[piece].anatomy.data += block.end - block.start;
            pieces[piece].anatomy.pointers += block.n_pointers;
        }
    }
    for named in &owned.names {
        if let Some(piece) = owned.blocks[named.block].root.and_then(|root| piece_of[root]) {
            pieces[piece].anatomy.add_symbol_of_len(named.len, named.is_global);
        }
    }
    (pieces, starts)
}

/// Why initialisation code is cut.
#[derive(Clone, Copy)]
enum Cut {
    Start,
    /// A closure of a function is stored, or a constant.
    Store(Option<u32>),
    Line(Name, u32),
}

/// Returns the constants with several users, those of the same owner and users in one.
fn shared_constants(
    functions: &Functions,
    owned: &Owned,
    starts: &FxHashMap<usize, Vec<u64>>,
) -> Vec<SharedConstants> {
    if owned.shared.is_empty() {
        return Vec::new();
    }
    let user = |(function, at): (usize, u64)| match starts.get(&function) {
        Some(starts) => {
            let piece = starts.partition_point(|&start| start <= at).saturating_sub(1);
            User::Piece(function as u32, piece as u32)
        }
        None => User::Function(function as u32),
    };
    let first_use: FxHashMap<usize, u64> = owned.entry_uses.iter().map(|&(at, block)| (block, at)).collect();
    let mut names: FxHashMap<usize, Anatomy> =
        owned.shared.iter().map(|shared| (shared.block, Anatomy::default())).collect();
    for named in &owned.names {
        if let Some(names) = names.get_mut(&named.block) {
            names.add_symbol_of_len(named.len, named.is_global);
        }
    }
    let mut found: BTreeMap<(User, Vec<User>), Anatomy> = BTreeMap::new();
    for shared in &owned.shared {
        let block = &owned.blocks[shared.block];
        let Some(function) = block.owner else { continue };
        let at = block.root.and_then(|root| first_use.get(&root).copied()).unwrap_or(0);
        let owner = user((function, if functions.list[function].is_entry { at } else { 0 }));
        let users: BTreeSet<User> = shared.users.iter().map(|&place| user(place)).collect();
        let anatomy = found.entry((owner, users.into_iter().collect())).or_default();
        anatomy.data += block.end - block.start;
        anatomy.pointers += block.n_pointers;
        *anatomy += names.get(&shared.block).copied().unwrap_or_default();
    }
    let found = found.into_iter().filter(|((_, users), _)| users.len() > 1);
    found.map(|((owner, users), anatomy)| SharedConstants { owner, users, anatomy }).collect()
}

/// Finds for each function who refers to it: the first other function that does, else the initialisation; and to whom it refers.
fn find_users(functions: &mut Functions, owned: &Owned, starts: &FxHashMap<usize, Vec<u64>>) {
    for reference in &owned.code_uses {
        let used = match reference.used {
            Used::Function(function) => Some(function),
            Used::Block(block) => owned.blocks[block].owner,
        };
        let (Some(used), user) = (used, reference.function) else { continue };
        if used == user {
            continue;
        }
        if !functions.list[user].is_entry && functions.list[user].uses.is_none() {
            functions.list[user].uses = Some(used as u32);
        }
        let known = functions.list[used].user;
        functions.list[used].user = match starts.get(&user) {
            None if !matches!(known, Some(User::Function(_))) => Some(User::Function(user as u32)),
            Some(starts) if known.is_none() => {
                let piece = starts.partition_point(|&start| start <= reference.at).saturating_sub(1);
                Some(User::Piece(user as u32, piece as u32))
            }
            _ => known,
        };
    }
}
