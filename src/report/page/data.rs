//! What the page's own code draws of one program: the map, who brings what, references with their lines.
//!
//! Lists that are long are tuples and positions in tables of strings; the comments say what stands where.

use super::Sources;
use super::layout::{Rect, squarified};
use super::lines::{Lines, Strings};
use crate::base::{DefId, LibraryId, UnitId};
use crate::link::{Hop, Links, references, why_unit};
use crate::project::LibraryOrigin;
use crate::report::build::{Parts, def_name, is_counted};
use crate::report::chain;
use crate::report::place;
use crate::report::schema::{ProgramAudit, UnitEntry};
use crate::size::Provenance;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BTreeMap;

/// One program.
#[derive(Serialize)]
pub(super) struct ProgramData {
    name: String,
    alloc: u64,
    /// Files, by position.
    files: Vec<String>,
    /// Lines of sources, by position.
    lines: Vec<String>,
    groups: Vec<GroupData>,
    units: Vec<UnitData>,
    /// References shown for each pair of units, at most.
    references_shown: usize,
    /// Definitions of fewer bytes are drawn together.
    smallest: u64,
}

/// A library, or what is in the file beside units.
#[derive(Serialize)]
struct GroupData {
    name: String,
    /// `own`, `workspace`, `installed`, `stdlib` or `c`.
    origin: &'static str,
    bytes: u64,
    rect: [f64; 4],
    /// What is left of `rect` for its units.
    inner: [f64; 4],
}

/// A linked unit.
#[derive(Serialize)]
struct UnitData {
    name: String,
    /// Position of its library in `groups`.
    group: usize,
    file: Option<u32>,
    /// code, data, frametable, unwind, relocations, dynsym, total, symtab, debug
    bytes: [u64; 9],
    measured: bool,
    definitions: u32,
    live_definitions: u32,
    touched: bool,
    live: u64,
    dead: u64,
    waste: u64,
    waste_measured: bool,
    waste_units: u32,
    retained: u64,
    retained_units: u32,
    /// Position of the unit through which alone it is reached.
    dominator: Option<usize>,
    rect: [f64; 4],
    /// Name, bytes, whether live, and its rectangle in thousandths of the unit's; most bytes first.
    pieces: Vec<(String, u64, u8, [u16; 4])>,
    /// The hop of the shortest chain that ends here: position of the unit before, why, and where.
    via: (Option<usize>, String, Option<PlaceData>),
    /// Who records it: position of the unit, how many references, and the first of them.
    users: Vec<(usize, usize, Vec<ReferenceData>)>,
}

/// File, line, column, text of the line.
type PlaceData = (u32, Option<u32>, Option<u32>, Option<u32>);
/// From which definition, to what, where.
type ReferenceData = (String, String, PlaceData);

/// How much is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limits {
    /// References of one unit to another.
    references: usize,
    /// Definitions of fewer bytes are drawn together.
    smallest: u64,
}

impl Limits {
    /// As much as anybody reads.
    pub(super) fn all() -> Self {
        Limits { references: 8, smallest: 1 }
    }
    /// Less; `None` where there is no less.
    pub(super) fn tighter(self) -> Option<Self> {
        match self {
            Limits { references: 1, smallest: 1024.. } => None,
            Limits { references, smallest } => {
                Some(Limits { references: (references / 2).max(1), smallest: smallest * 3 })
            }
        }
    }
}

/// Packs one program.
pub(super) fn program(
    program: &ProgramAudit,
    parts: &Parts<'_>,
    sources: Sources<'_>,
    limits: Limits,
) -> ProgramData {
    Packer {
        program,
        parts,
        sources,
        limits,
        lines: Lines::new(sources.places, sources.texts),
        line_texts: Strings::default(),
        files: Strings::default(),
        positions: parts.linked.units.iter().enumerate().map(|(i, &unit)| (unit, i)).collect(),
    }
    .pack()
}

struct Packer<'a> {
    program: &'a ProgramAudit,
    parts: &'a Parts<'a>,
    sources: Sources<'a>,
    limits: Limits,
    lines: Lines<'a>,
    line_texts: Strings,
    files: Strings,
    /// Where each linked unit stands in the link order.
    positions: FxHashMap<UnitId, usize>,
}

impl Packer<'_> {
    fn pack(mut self) -> ProgramData {
        let (groups, group_of, rects) = self.map();
        let units =
            (0..self.program.linked_units.len()).map(|i| self.unit(i, group_of[i], rects[i])).collect();
        ProgramData {
            name: self.program.name.clone(),
            alloc: self.program.size.alloc,
            files: self.files.all,
            lines: self.line_texts.all,
            groups,
            units,
            references_shown: self.limits.references,
            smallest: self.limits.smallest,
        }
    }

    /// Libraries, the library of each unit, and where each unit lies.
    fn map(&self) -> (Vec<GroupData>, Vec<usize>, Vec<Rect>) {
        let project = self.sources.places.project;
        let units = &self.parts.linked.units;
        let mut members: BTreeMap<LibraryId, Vec<usize>> = BTreeMap::new();
        for (i, &unit) in units.iter().enumerate() {
            members.entry(project.unit(unit).library).or_default().push(i);
        }
        let bytes = |i: usize| self.program.linked_units[i].bytes.total;
        let mut groups: Vec<(String, &'static str, u64, &[usize])> = members
            .iter()
            .map(|(&library, members)| {
                let library = project.library(library);
                let sum = members.iter().map(|&i| bytes(i)).sum();
                (library.name.to_string(), origin(library.origin), sum, members.as_slice())
            })
            .collect();
        let size = self.program.size;
        groups.push(("C code of libraries".to_owned(), "c", size.stubs, &[]));
        groups.push(("C runtime and tables".to_owned(), "c", size.runtime, &[]));
        let sizes: Vec<u64> = groups.iter().map(|group| group.2).collect();
        let mut group_of = vec![0; units.len()];
        let mut rects = vec![Rect::default(); units.len()];
        let mut out = Vec::new();
        for (rect, (name, origin, bytes_of_group, members)) in
            squarified(Rect::MAP, &sizes).into_iter().zip(groups)
        {
            let inner = rect.framed();
            let sizes: Vec<u64> = members.iter().map(|&i| bytes(i)).collect();
            for (&i, rect) in members.iter().zip(squarified(inner, &sizes)) {
                group_of[i] = out.len();
                rects[i] = rect;
            }
            let (rect, inner) = (rect.rounded(), inner.rounded());
            out.push(GroupData { name, origin, bytes: bytes_of_group, rect, inner });
        }
        (out, group_of, rects)
    }

    fn unit(&mut self, i: usize, group: usize, rect: Rect) -> UnitData {
        let entry = &self.program.linked_units[i];
        let unit = self.parts.linked.units[i];
        let b = &entry.bytes;
        let dominator = self.parts.retained.dominator[i];
        UnitData {
            name: entry.unit.clone(),
            group,
            file: entry.source.as_ref().map(|file| self.files.add(file)),
            bytes: [
                b.code,
                b.data,
                b.frametable,
                b.unwind,
                b.relocations,
                b.dynsym,
                b.total,
                b.symtab,
                b.debug,
            ],
            measured: entry.provenance == Provenance::Measured,
            definitions: entry.definitions,
            live_definitions: entry.live_definitions,
            touched: entry.touched,
            live: entry.live_bytes,
            dead: entry.dead_bytes,
            waste: entry.waste_bytes,
            waste_measured: entry.waste_provenance == Provenance::Measured,
            waste_units: entry.waste_units,
            retained: entry.retained_bytes,
            retained_units: entry.retained_units,
            dominator: dominator.and_then(|unit| self.positions.get(&unit).copied()),
            rect: rect.rounded(),
            pieces: self.pieces(unit, entry, rect),
            via: self.via(unit),
            users: self.users(unit),
        }
    }

    /// A unit in pieces: its definitions, and what no definition holds. Live and dead ones add up to what the tables say.
    fn pieces(&self, unit: UnitId, entry: &UnitEntry, rect: Rect) -> Vec<(String, u64, u8, [u16; 4])> {
        let graph = self.sources.graph;
        let mut pieces: Vec<(String, u64, bool)> = Vec::new();
        let mut sums = [0u64; 2];
        let mut small = [(0u64, 0u64); 2];
        for def in graph.unit_defs(unit) {
            let bytes = self.sources.weights.def(def);
            let is_live = self.parts.live.contains(def);
            if bytes == 0 || !is_counted(graph.def(def)) {
                continue;
            }
            sums[usize::from(is_live)] += bytes;
            if bytes < self.limits.smallest {
                let small = &mut small[usize::from(is_live)];
                *small = (small.0 + 1, small.1 + bytes);
            } else {
                pieces.push((self.name_in(unit, def), bytes, is_live));
            }
        }
        for (is_live, (n, bytes)) in [false, true].into_iter().zip(small).filter(|(_, small)| small.0 > 0) {
            pieces.push((format!("{n} definitions below {} B each", self.limits.smallest), bytes, is_live));
        }
        let kept = entry.bytes.total.saturating_sub(entry.dead_bytes);
        for (is_live, whole) in [(true, kept), (false, entry.dead_bytes)] {
            let rest = whole.saturating_sub(sums[usize::from(is_live)]);
            if rest > 0 {
                let name = if entry.definitions == 0 {
                    "the whole unit, which has no source here"
                } else {
                    "headers and tables of the unit"
                };
                pieces.push((name.to_owned(), rest, is_live));
            }
        }
        // Live ones lie together, so that the two parts of a unit can be seen from afar.
        pieces.sort_by_key(|(name, bytes, is_live)| (!is_live, std::cmp::Reverse(*bytes), name.clone()));
        let rects = self.piece_rects(&pieces, rect);
        let mut out: Vec<(String, u64, u8, [u16; 4])> = pieces
            .into_iter()
            .zip(rects)
            .map(|((name, bytes, is_live), rect)| (name, bytes, u8::from(is_live), rect))
            .collect();
        out.sort_by_key(|&(_, bytes, ..)| std::cmp::Reverse(bytes));
        out
    }

    /// Live pieces in one part of the unit's rectangle, dead ones in the other; in thousandths of it.
    fn piece_rects(&self, pieces: &[(String, u64, bool)], rect: Rect) -> Vec<[u16; 4]> {
        let sum = |live: bool| pieces.iter().filter(|piece| piece.2 == live).map(|piece| piece.1).sum();
        let halves = squarified(rect, &[sum(true), sum(false)]);
        let in_half = |live: bool, half: Rect| {
            let sizes: Vec<u64> =
                pieces.iter().filter(|piece| piece.2 == live).map(|piece| piece.1).collect();
            squarified(half, &sizes)
        };
        let part = |value: f64, whole: f64| {
            if whole > 0.0 { (1000.0 * value / whole).round().clamp(0.0, 1000.0) as u16 } else { 0 }
        };
        let inside = |piece: Rect| {
            let (left, top) = (part(piece.x - rect.x, rect.w), part(piece.y - rect.y, rect.h));
            // From edge to edge, so that neighbours meet.
            let right = part(piece.x + piece.w - rect.x, rect.w);
            let bottom = part(piece.y + piece.h - rect.y, rect.h);
            [left, top, right - left, bottom - top]
        };
        in_half(true, halves[0]).into_iter().chain(in_half(false, halves[1])).map(inside).collect()
    }

    /// A definition's name without its unit's.
    fn name_in(&self, unit: UnitId, def: DefId) -> String {
        let full = def_name(self.sources.places, self.sources.graph, def);
        without_unit(&full, self.sources.places.project.unit(unit).name.as_str())
    }

    fn via(&mut self, unit: UnitId) -> (Option<usize>, String, Option<PlaceData>) {
        let graph = self.sources.graph;
        let found = why_unit(graph, self.parts.linked, self.parts.links, unit);
        let Some(chain) = found else { return (None, String::new(), None) };
        let last = chain.hops.len().saturating_sub(1);
        let before = last.checked_sub(1).and_then(|i| chain.hops.get(i)).and_then(|hop| match *hop {
            Hop::Unit(unit, _) | Hop::Links(unit, _) => self.positions.get(&unit).copied(),
            Hop::Def(..) => None,
        });
        let because = chain::hops(self.sources.places, graph, &chain).pop().map(|hop| hop.because);
        let edge = match chain.hops.last() {
            Some(Hop::Links(_, edge)) => *edge,
            _ => None,
        };
        let place = edge.map(|edge| self.place(edge));
        (before, because.unwrap_or_default(), place)
    }

    fn users(&mut self, unit: UnitId) -> Vec<(usize, usize, Vec<ReferenceData>)> {
        let linked = self.parts.linked;
        let mut users = Vec::new();
        for (i, &user) in linked.units.iter().enumerate() {
            if user == unit || !self.parts.links.links(user).contains(&unit) {
                continue;
            }
            let edges = references(self.sources.graph, user, unit);
            let shown = edges.iter().take(self.limits.references);
            let shown = shown.map(|&edge| self.reference(user, unit, edge)).collect();
            users.push((i, edges.len(), shown));
        }
        users
    }

    fn reference(&mut self, user: UnitId, unit: UnitId, index: u32) -> ReferenceData {
        let edge = &self.sources.graph.edges[index as usize];
        let from = self.name_in(user, edge.from);
        let target = chain::target_name(self.sources.places, edge);
        let to = without_unit(&target, self.sources.places.project.unit(unit).name.as_str());
        (from, to, self.place(index))
    }

    /// Where an edge stands, and the line.
    fn place(&mut self, index: u32) -> PlaceData {
        let graph = self.sources.graph;
        let place = chain::edge_place(self.sources.places, graph, index);
        let edge = &graph.edges[index as usize];
        let line = self.lines.at(graph.def(edge.from).file, edge.span.start);
        let line = line.map(|line| self.line_texts.add(&line));
        let at = place.at;
        (self.files.add(&place::file_name(&place.file)), at.map(|at| at.line), at.map(|at| at.col), line)
    }
}

fn origin(origin: LibraryOrigin) -> &'static str {
    match origin {
        LibraryOrigin::Program => "own",
        LibraryOrigin::Workspace => "workspace",
        LibraryOrigin::Installed => "installed",
        LibraryOrigin::Stdlib => "stdlib",
    }
}

/// `Base__List.fold` without `Base__List.`.
fn without_unit(name: &str, unit: &str) -> String {
    name.strip_prefix(unit).unwrap_or(name).trim_start_matches(['.', ' ']).to_owned()
}
