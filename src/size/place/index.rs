//! Definitions by name and by line: which of them owns a function, or a run of initialisation code.

use super::Placeable;
use crate::base::{Name, split_last};
use crate::size::{FunctionSize, Piece};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// Definitions by name and by line.
pub(super) struct Index<'a> {
    unit: Name,
    defs: &'a [Placeable],
    by_path: FxHashMap<&'a str, Vec<usize>>,
    by_last_name: FxHashMap<&'a str, Vec<usize>>,
    /// The first `external` of each C function.
    by_primitive: FxHashMap<Name, usize>,
    /// For each line, definitions with code that start there or before and end there or later: sorted by start, with the
    /// largest end so far, so that a search backwards knows when to stop.
    by_start: Vec<(u32, usize, u32)>,
    /// For lines that were asked for, the definitions around them, innermost first: a deriver makes hundreds on one line.
    around: RefCell<FxHashMap<u32, Rc<[usize]>>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(unit: Name, defs: &'a [Placeable]) -> Self {
        let mut by_path: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut by_last_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut by_primitive: FxHashMap<Name, usize> = FxHashMap::default();
        let mut by_start: Vec<(u32, usize, u32)> = Vec::new();
        for (i, def) in defs.iter().enumerate().filter(|(_, def)| def.has_code) {
            by_start.push((def.start, i, def.end));
            if let Some(primitive) = def.primitive {
                by_primitive.entry(primitive).or_insert(i);
            }
            if !def.is_effect && !def.is_type {
                let path = def.path.as_str();
                by_path.entry(path).or_default().push(i);
                by_last_name.entry(last_name(path)).or_default().push(i);
            }
        }
        by_start.sort_unstable();
        let mut furthest = 0;
        for entry in &mut by_start {
            furthest = entry.2.max(furthest);
            entry.2 = furthest;
        }
        Index { unit, defs, by_path, by_last_name, by_primitive, by_start, around: RefCell::default() }
    }

    /// Returns the definition that owns a function (phase 1).
    pub(super) fn owner(&self, function: &FunctionSize, line: Option<u32>) -> Option<usize> {
        let around = line.map_or_else(|| Rc::from([]), |line| self.around(line));
        if let Some(named) = function.scope.as_ref().and_then(|scope| self.by_scope(scope, line)) {
            // A module's own code (its functor's body, an effect inside) has the module's name: the line tells more.
            let inner = around.first().copied().filter(|&def| self.is_inside(def, named));
            let of_symbol = function.name().and_then(|name| self.made_together(named, &plain(name)));
            return Some(of_symbol.or(inner).unwrap_or(named));
        }
        let own_name = function.name().map(plain);
        let own_name = own_name.as_deref();
        let same = |&def: &usize| own_name == Some(last_name(self.defs[def].path.as_str()));
        let by_line = around.iter().copied().find(|def| same(def)).or(around.first().copied());
        let only = |own_name: &str| match self.by_last_name.get(own_name).map(Vec::as_slice) {
            Some(&[only]) => Some(only),
            _ => None,
        };
        let by_primitive = || self.by_primitive.get(&function.outside?).copied();
        // Classes are made by a function of their name, `c_init`.
        by_line
            .or_else(by_primitive)
            .or_else(|| only(own_name?))
            .or_else(|| only(own_name?.strip_suffix("_init")?))
    }

    /// Returns the definition with the longest path that a dotted name starts with.
    fn by_scope(&self, scope: &str, line: Option<u32>) -> Option<usize> {
        let mut path = scope.strip_prefix(self.unit.as_str())?.strip_prefix('.')?;
        loop {
            if let Some(same) = self.by_path.get(path) {
                // Of several definitions of one name, the one around the line, else the last that starts before it.
                let holds = |&def: &usize| {
                    line.is_some_and(|line| self.defs[def].start <= line && line <= self.defs[def].end)
                };
                let starts_before = |&def: &usize| line.is_some_and(|line| self.defs[def].start <= line);
                let found = same.iter().copied().find(holds);
                let found = found.or_else(|| same.iter().copied().rev().find(starts_before));
                return found.or(same.last().copied());
            }
            // Methods have a `#`: `select_based#iter.(fun)`.
            path = &path[..path.rfind(['.', '#'])?];
        }
    }

    /// The definition of a name in the module of another one and on the same lines: a rewriter made both, of one type say.
    /// The first frame of one may be that of code inlined from the other; the symbol tells.
    fn made_together(&self, other: usize, own_name: &str) -> Option<usize> {
        let module = |def: &Placeable| split_last(def.path.as_str()).0.to_owned();
        let known = &self.defs[other];
        let is_it = |&def: &usize| {
            let def = &self.defs[def];
            (def.start, def.end) == (known.start, known.end) && module(def) == module(known)
        };
        if last_name(known.path.as_str()) == own_name {
            return None;
        }
        self.by_last_name.get(own_name)?.iter().copied().find(is_it)
    }

    /// Whether `inner` is written inside `outer`, and named as such.
    fn is_inside(&self, inner: usize, outer: usize) -> bool {
        let (inner, outer) = (&self.defs[inner], &self.defs[outer]);
        let rest = inner.path.strip_prefix(outer.path.as_str());
        rest.is_some_and(|rest| rest.starts_with('.')) && outer.start <= inner.start && inner.end <= outer.end
    }

    /// Gives runs of initialisation code to definitions (phase 2).
    pub(super) fn place_pieces(
        &self,
        pieces: &[Piece],
        own_line: &impl Fn(Name, u32) -> Option<u32>,
        functions: &[Option<usize>],
    ) -> Vec<Option<usize>> {
        let sure = |piece: &Piece| {
            let line = piece.line.and_then(|(file, line)| own_line(file, line));
            let by_line = line.and_then(|line| self.innermost(line));
            by_line.or_else(|| functions.get(piece.closure_of? as usize).copied().flatten())
        };
        let mut owners: Vec<Option<usize>> = pieces.iter().map(sure).collect();
        let mut before = None;
        let mut i = 0;
        while i < pieces.len() {
            if owners[i].is_some() {
                before = owners[i];
                i += 1;
                continue;
            }
            let run_end = (i..pieces.len()).find(|&j| owners[j].is_some()).unwrap_or(pieces.len());
            let after = owners.get(run_end).copied().flatten();
            self.place_run(&pieces[i..run_end], before, after, &mut owners[i..run_end]);
            i = run_end;
        }
        owners
    }

    /// Places a run between two definitions: constants in source order, then with what comes after; the rest with what is
    /// before.
    fn place_run(
        &self,
        pieces: &[Piece],
        before: Option<usize>,
        after: Option<usize>,
        owners: &mut [Option<usize>],
    ) {
        let first = before.map_or(0, |before| before + 1);
        // An array that is a constant is copied at start-up, by a call that has its line.
        let last = after.filter(|&after| after >= first).map_or(self.defs.len(), |after| after + 1);
        let mut constants = (first..last.max(first)).filter(|&def| self.defs[def].is_constant);
        let mut current = before;
        for (piece, owner) in pieces.iter().zip(owners) {
            if piece.stores_constant {
                current = constants.next().or(after).or(current);
            }
            // Nothing is before the first definition: what comes first is the next one's.
            *owner = current.or(after);
        }
    }

    /// Returns the definitions around a line, in no order.
    fn reaching(&self, line: u32) -> impl Iterator<Item = usize> + '_ {
        let before = self.by_start.partition_point(|&(start, _, _)| start <= line);
        let reaching =
            self.by_start[..before].iter().rev().take_while(move |&&(_, _, furthest)| furthest >= line);
        reaching.map(|&(_, def, _)| def).filter(move |&def| self.defs[def].end >= line)
    }

    /// Definitions on one line: the deeper path is the inner one, and a name says more than none.
    fn depth(&self, def: usize) -> impl Ord + use<> {
        let Placeable { path, start, end, is_effect, is_type, .. } = self.defs[def];
        let n_dots = path.bytes().filter(|&byte| byte == b'.').count();
        (end - start, is_type, is_effect, std::cmp::Reverse(n_dots), def)
    }

    /// Returns the definitions around a line, innermost first.
    fn around(&self, line: u32) -> Rc<[usize]> {
        let find = || {
            let mut around: Vec<usize> = self.reaching(line).collect();
            around.sort_by_cached_key(|&def| self.depth(def));
            around.into()
        };
        Rc::clone(self.around.borrow_mut().entry(line).or_insert_with(find))
    }

    /// Returns the innermost definition around a line.
    fn innermost(&self, line: u32) -> Option<usize> {
        self.around(line).first().copied()
    }
}

/// The name that a symbol has: all but letters, digits and `_` is written there as `$` and two digits.
fn plain(name: &str) -> Cow<'_, str> {
    let Some((first, escaped)) = name.split_once('$') else { return Cow::Borrowed(name) };
    let mut bytes = first.as_bytes().to_vec();
    for part in escaped.split('$') {
        match part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => bytes.extend(std::iter::once(code).chain(part.bytes().skip(2))),
            None => bytes.extend(std::iter::once(b'$').chain(part.bytes())),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn last_name(path: &str) -> &str {
    split_last(path).1
}
