//! Bytes per definition: a unit's functions and its initialisation code, given to the definitions that own them.
//!
//! Takes a measured unit and its definitions by line, gives each definition its bytes without those of definitions
//! inside it. Phases:
//!
//! 1. A function goes to the definition that its dotted name says (`Base__List.Sub.f`, the compiler's own word, in its
//!    frame table), else to the innermost definition around its first line, where one of its name comes first, else to
//!    the only definition of its name.
//! 2. Initialisation code goes line by line to the innermost definition or effect around the line; a run without a line
//!    of the unit's own file goes where the function goes whose closure it stores; a constant without a line to the next
//!    definition that is one, else to the next with a line (arguments are loaded before the call that has the line); else a
//!    run goes with the one before it. Then functions without a place go where their users
//!    are, else where what they use is: code that makes a class has no line, its methods do.
//! 3. Each value, module, exception, class has its field of the module block: 8 bytes.
//! 4. What nobody claims, functions without a place, is shared out in proportion to what was placed. The rest is the
//!    unit's fixed cost: what it would have without any definition.
//!
//! Definitions and the fixed cost add up to the unit, count by count.

use super::unit::{FunctionSize, UnitSize, User};
use super::{Anatomy, Piece};
use crate::base::Name;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What placing asks of one definition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placeable {
    /// Its dotted path in the unit; for an effect, the enclosing module's.
    pub path: Name,
    /// Its first line, from 1.
    pub start: u32,
    /// Its last line.
    pub end: u32,
    /// Whether code can belong to it: all but module types and aliases.
    pub has_code: bool,
    /// Whether it is code without a name.
    pub is_effect: bool,
    /// Whether it is a type: code inside is what rewriters derive from it.
    pub is_type: bool,
    /// Whether it is a constant that is data of the object file: its right-hand side runs nothing, and is more than a number.
    pub is_constant: bool,
    /// Whether the module block has a field for it.
    pub has_field: bool,
}

/// The bytes of a unit, by definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// For each definition given, what is its own.
    pub defs: Vec<Anatomy>,
    /// What the unit has whatever it defines.
    pub fixed: Anatomy,
    /// Bytes of functions, initialisation code left out.
    pub function_bytes: u64,
    /// Bytes of functions that phases 1 and 2 placed.
    pub placed_bytes: u64,
    /// For each function of the unit, the definition that owns it (an index of `defs`).
    pub owners: Vec<Option<usize>>,
    /// Constants that several definitions use: who has their bytes, who else would have to have them in another unit, and what
    /// a copy costs.
    pub shared: Vec<(usize, Vec<usize>, Anatomy)>,
}

/// Places a unit. `own_line` turns a file and line of the line table into a line of the unit's source, and is `None` for
/// lines of other files (inlined code).
#[must_use]
pub fn place(unit: &UnitSize, defs: &[Placeable], own_line: impl Fn(Name, u32) -> Option<u32>) -> Placed {
    let index = Index::new(unit.unit, defs);
    let mut placed = Placed {
        defs: vec![Anatomy::default(); defs.len()],
        fixed: Anatomy::default(),
        function_bytes: 0,
        placed_bytes: 0,
        owners: vec![None; unit.functions.len()],
        shared: Vec::new(),
    };
    for (i, function) in unit.functions.iter().enumerate().filter(|(_, function)| !function.is_entry) {
        let line = function.line.and_then(|(file, line)| own_line(file, line));
        let owner = index.owner(function, line);
        placed.owners[i] = owner;
    }
    let mut pieces = FxHashMap::default();
    for (i, entry) in unit.functions.iter().enumerate().filter(|(_, function)| function.is_entry) {
        pieces.insert(i as u32, index.place_pieces(&entry.pieces, &own_line, &placed.owners));
    }
    follow_users(unit, &pieces, &mut placed.owners);
    follow_uses(unit, &mut placed.owners);
    let mut lost = Anatomy::default();
    for (i, function) in unit.functions.iter().enumerate() {
        if function.is_entry {
            // Pieces without an owner, the unwind entry and the symbol stay with the unit.
            for (piece, owner) in function.pieces.iter().zip(&pieces[&(i as u32)]) {
                if let Some(def) = *owner {
                    placed.defs[def] += piece.anatomy;
                }
            }
            continue;
        }
        placed.function_bytes += function.anatomy.text;
        match placed.owners[i] {
            Some(def) => {
                placed.defs[def] += function.anatomy;
                placed.placed_bytes += function.anatomy.text;
            }
            None => lost += function.anatomy,
        }
    }
    let block_fields = unit.rest.data / FIELD;
    for (i, _) in defs.iter().enumerate().filter(|(_, def)| def.has_field).take(block_fields as usize) {
        placed.defs[i].data += FIELD;
    }
    share_out(lost, &mut placed.defs);
    placed.fixed = unit.anatomy - placed.defs.iter().copied().sum();
    placed.shared = place_shared(unit, &pieces, &placed.owners);
    placed
}

/// Gives constants with several users to definitions.
fn place_shared(
    unit: &UnitSize,
    pieces: &FxHashMap<u32, Vec<Option<usize>>>,
    owners: &[Option<usize>],
) -> Vec<(usize, Vec<usize>, Anatomy)> {
    let def = |user: &User| match *user {
        User::Function(function) => owners.get(function as usize).copied().flatten(),
        User::Piece(entry, piece) => pieces.get(&entry).and_then(|owners| *owners.get(piece as usize)?),
    };
    let mut shared: BTreeMap<(usize, Vec<usize>), Anatomy> = BTreeMap::new();
    for constants in &unit.shared_constants {
        let Some(owner) = def(&constants.owner) else { continue };
        let mut others: Vec<usize> =
            constants.users.iter().filter_map(def).filter(|&other| other != owner).collect();
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            *shared.entry((owner, others)).or_default() += constants.anatomy;
        }
    }
    shared.into_iter().map(|((owner, others), anatomy)| (owner, others, anatomy)).collect()
}

/// Bytes of one field of the module block.
const FIELD: u64 = 8;

/// Definitions by name and by line.
struct Index<'a> {
    unit: Name,
    defs: &'a [Placeable],
    by_path: FxHashMap<&'a str, Vec<usize>>,
    by_last_name: FxHashMap<&'a str, Vec<usize>>,
    /// For each line, definitions with code that start there or before and end there or later: sorted by start, with the
    /// largest end so far, so that a search backwards knows when to stop.
    by_start: Vec<(u32, usize, u32)>,
}

impl<'a> Index<'a> {
    fn new(unit: Name, defs: &'a [Placeable]) -> Self {
        let mut by_path: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut by_last_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut by_start: Vec<(u32, usize, u32)> = Vec::new();
        for (i, def) in defs.iter().enumerate().filter(|(_, def)| def.has_code) {
            by_start.push((def.start, i, def.end));
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
        Index { unit, defs, by_path, by_last_name, by_start }
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
    fn around(&self, line: u32) -> Vec<usize> {
        let mut around: Vec<usize> = self.reaching(line).collect();
        around.sort_by_cached_key(|&def| self.depth(def));
        around
    }

    /// Returns the innermost definition around a line.
    fn innermost(&self, line: u32) -> Option<usize> {
        self.reaching(line).min_by_key(|&def| self.depth(def))
    }

    /// Returns the definition that owns a function (phase 1).
    fn owner(&self, function: &FunctionSize, line: Option<u32>) -> Option<usize> {
        let around = line.map(|line| self.around(line)).unwrap_or_default();
        if let Some(named) = function.scope.as_ref().and_then(|scope| self.by_scope(scope, line)) {
            // A module's own code (its functor's body, an effect inside) has the module's name: the line tells more.
            let inner = around.first().copied().filter(|&def| self.is_inside(def, named));
            let of_symbol = function.name().and_then(|name| self.made_together(named, name));
            return Some(of_symbol.or(inner).unwrap_or(named));
        }
        let own_name = function.name();
        let same = |&def: &usize| own_name == Some(last_name(self.defs[def].path.as_str()));
        let by_line = around.iter().copied().find(|def| same(def)).or(around.first().copied());
        let only = |own_name: &str| match self.by_last_name.get(own_name).map(Vec::as_slice) {
            Some(&[only]) => Some(only),
            _ => None,
        };
        // Classes are made by a function of their name, `c_init`.
        by_line.or_else(|| only(own_name?)).or_else(|| only(own_name?.strip_suffix("_init")?))
    }

    /// The definition of a name in the module of another one and on the same lines: a rewriter made both, of one type say.
    /// The first frame of one may be that of code inlined from the other; the symbol tells.
    fn made_together(&self, other: usize, own_name: &str) -> Option<usize> {
        let module = |def: &Placeable| def.path.rsplit_once('.').map_or("", |(module, _)| module).to_owned();
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

    /// Whether `inner` is written inside `outer`, and named as such.
    fn is_inside(&self, inner: usize, outer: usize) -> bool {
        let (inner, outer) = (&self.defs[inner], &self.defs[outer]);
        let rest = inner.path.strip_prefix(outer.path.as_str());
        rest.is_some_and(|rest| rest.starts_with('.')) && outer.start <= inner.start && inner.end <= outer.end
    }

    /// Gives runs of initialisation code to definitions (phase 2).
    fn place_pieces(
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
}

/// Places functions that nothing places by itself where their users are. Ends because a chain of users is followed for so
/// many steps only.
fn follow_users(unit: &UnitSize, pieces: &FxHashMap<u32, Vec<Option<usize>>>, owners: &mut [Option<usize>]) {
    const MAX_STEPS: usize = 32;
    for (i, function) in unit.functions.iter().enumerate().filter(|(_, function)| !function.is_entry) {
        let mut user = function.user;
        for _ in 0..MAX_STEPS {
            if owners[i].is_some() {
                break;
            }
            user = match user {
                Some(User::Function(user)) => {
                    owners[i] = owners.get(user as usize).copied().flatten();
                    unit.functions.get(user as usize).and_then(|user| user.user)
                }
                Some(User::Piece(entry, piece)) => {
                    owners[i] = pieces.get(&entry).and_then(|owners| *owners.get(piece as usize)?);
                    None
                }
                None => break,
            };
        }
    }
}

/// Places functions that nothing else places where the first function is that they refer to.
fn follow_uses(unit: &UnitSize, owners: &mut [Option<usize>]) {
    let sure = owners.to_vec();
    for (owner, function) in owners.iter_mut().zip(&unit.functions) {
        if owner.is_none() && !function.is_entry {
            *owner = function.uses.and_then(|used| sure.get(used as usize).copied().flatten());
        }
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Shares counts out in proportion to the code that definitions have; without any code nobody gets anything.
fn share_out(lost: Anatomy, defs: &mut [Anatomy]) {
    let total: u64 = defs.iter().map(|def| def.text).sum();
    if total == 0 || lost == Anatomy::default() {
        return;
    }
    // Running totals are rounded, not shares, so that the shares add up.
    let mut sum = 0;
    let mut given = Anatomy::default();
    for def in defs {
        sum += def.text;
        let due = lost.map(|count| (u128::from(count) * u128::from(sum) / u128::from(total)) as u64);
        *def += due - given;
        given = due;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::name;

    fn def(path: &str, start: u32, end: u32) -> Placeable {
        Placeable {
            path: name(path),
            start,
            end,
            has_code: true,
            is_effect: false,
            is_type: false,
            is_constant: false,
            has_field: true,
        }
    }

    fn function(symbol: &str, own: Option<&str>, scope: Option<&str>, line: Option<u32>) -> FunctionSize {
        FunctionSize {
            symbol: own.map_or(symbol, |own| own).into(),
            own_name: own.map(|own| 0..own.len() as u32),
            is_entry: false,
            line: line.map(|line| (name("a.ml"), line)),
            scope: scope.map(Box::from),
            user: None,
            uses: None,
            anatomy: Anatomy { text: 16, fdes: 1, ..Anatomy::default() },
            pieces: Vec::new(),
        }
    }

    fn unit(functions: Vec<FunctionSize>) -> UnitSize {
        let placed: Anatomy = functions.iter().map(|function| function.anatomy).sum();
        let rest = Anatomy { data: 8 * 3 + 40, symbols: 8, ..Anatomy::default() };
        UnitSize { unit: name("A"), anatomy: placed + rest, functions, rest, ..UnitSize::default() }
    }

    fn own(file: Name, line: u32) -> Option<u32> {
        (file == name("a.ml")).then_some(line)
    }

    #[test]
    fn dotted_names_beat_lines_and_lines_beat_names() {
        let defs = [def("f", 1, 3), def("M", 5, 20), def("M.f", 6, 8), def("M.f", 10, 12), def("g", 22, 22)];
        let functions = vec![
            function("a", Some("f"), Some("A.M.f"), Some(11)), // the second M.f
            function("b", Some("fun"), Some("A.M.f.(fun)"), Some(7)),
            function("c", Some("f"), None, Some(2)),
            function("d", Some("x"), None, Some(15)), // nothing inside M: M itself
            function("e", Some("g"), None, None),
            function("f", Some("f"), None, None), // three of that name
            function("g", Some("fun"), Some("A.M.(fun)"), Some(7)), // M's own name, but inside the first M.f
        ];
        let placed = place(&unit(functions), &defs, own);
        assert_eq!(placed.owners, [Some(3), Some(2), Some(0), Some(1), Some(4), None, Some(2)]);
        assert_eq!((placed.placed_bytes, placed.function_bytes), (96, 112));
    }

    #[test]
    fn everything_adds_up_and_fields_cost_eight_bytes() {
        let defs = [def("f", 1, 3), def("g", 4, 9)];
        let functions = vec![function("a", None, None, Some(2)), function("b", None, None, None)];
        let size = unit(functions);
        let placed = place(&size, &defs, own);
        assert_eq!(placed.defs.iter().copied().sum::<Anatomy>() + placed.fixed, size.anatomy);
        assert_eq!((placed.defs[0].data, placed.defs[1].data), (8, 8));
        assert_eq!(placed.defs[0].text, 32, "the lost function goes where the code is");
        assert_eq!(placed.fixed, Anatomy { data: 48, symbols: 8, ..Anatomy::default() });
    }

    #[test]
    fn initialisation_goes_by_line_and_by_closure() {
        let defs = [
            def("f", 1, 1),
            def("v", 3, 4),
            Placeable { is_effect: true, has_field: false, ..def("", 6, 6) },
        ];
        let piece = |line: Option<(&str, u32)>, closure_of, text| Piece {
            line: line.map(|(file, line)| (name(file), line)),
            closure_of,
            stores_constant: false,
            anatomy: Anatomy { text, ..Anatomy::default() },
        };
        let mut entry = function("camlA__entry", None, None, None);
        entry.is_entry = true;
        entry.anatomy.text = 64;
        entry.pieces = vec![
            piece(None, Some(0), 7),               // stores f's closure
            piece(Some(("a.ml", 3)), None, 20),    // v
            piece(Some(("list.ml", 99)), None, 9), // inlined into v
            piece(Some(("a.ml", 6)), None, 12),    // the effect
        ];
        let placed = place(&unit(vec![function("a", Some("f"), None, Some(1)), entry]), &defs, own);
        let text: Vec<u64> = placed.defs.iter().map(|def| def.text).collect();
        assert_eq!((text, placed.fixed.text), (vec![23, 29, 12], 64 - 48));
    }
}
