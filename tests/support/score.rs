//! Edges of definitions, ours against the compiler's.
//!
//! An edge is (owner, unit, path, name space). The path is cut at the longest prefix that the compiler knows as a definition:
//! what a functor application or an unpacked module provides is that module. Neither asked for nor wrong are the edges of the
//! compiler that no text shows: fields read by coercions, items of an include one by one, what it inserts itself, and the
//! `let _ = f` by which a rewriter uses each function that it has made. Edges of code that a rewriter made are counted apart.

use super::typed_trees::{DefFacts, RefFacts, UnitFacts};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// An edge's name space, and the part of the table that it is counted in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Space {
    Value,
    Module,
    Constructor,
    Class,
    Type,
    ModuleType,
}

impl Space {
    fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "value" | "cexternal" | "primitive" | "external" => Space::Value,
            "module" | "functor" | "alias" => Space::Module,
            "exception" | "extension" => Space::Constructor,
            "class" => Space::Class,
            "type" => Space::Type,
            "moduletype" => Space::ModuleType,
            _ => return None,
        })
    }

    fn is_name_only(self) -> bool {
        matches!(self, Space::Type | Space::ModuleType)
    }
}

/// Where an edge leads: unit, path, name space.
type End = (String, String, Space);
/// Owner and end.
type Edge = (String, End);

/// How often they agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) found: usize,
    pub(crate) missed: usize,
    pub(crate) wrong: usize,
}

impl Tally {
    pub(crate) fn precision(self) -> f64 {
        ratio(self.found, self.wrong)
    }

    pub(crate) fn recall(self) -> f64 {
        ratio(self.found, self.missed)
    }

    pub(crate) fn f1(self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }

    pub(crate) fn add(&mut self, other: Tally) {
        self.found += other.found;
        self.missed += other.missed;
        self.wrong += other.wrong;
    }
}

fn ratio(found: usize, others: usize) -> f64 {
    if found + others == 0 { 1.0 } else { found as f64 / (found + others) as f64 }
}

/// The comparison for one unit, or several.
#[derive(Clone, Default)]
pub(crate) struct Score {
    pub(crate) units: usize,
    /// Definitions with a text, types left out.
    pub(crate) defs: Tally,
    /// Values, primitives, modules, exceptions, extension constructors, classes.
    pub(crate) edges: Tally,
    /// The same in code that a rewriter made; what is wrong there is counted with the others.
    pub(crate) derived: Tally,
    /// Types and module types that the text names.
    pub(crate) types: Tally,
    /// The types of constructors and fields.
    pub(crate) parts: Tally,
    /// Of the edges to types of constructors and fields, those that are one of several.
    pub(crate) ambiguous: usize,
    /// Our names without a meaning, by reason.
    pub(crate) unresolved: BTreeMap<String, usize>,
    /// `missed` or `wrong`, and the edge.
    pub(crate) differences: Vec<String>,
}

impl Score {
    pub(crate) fn add(&mut self, other: Score) {
        self.units += other.units;
        self.defs.add(other.defs);
        self.edges.add(other.edges);
        self.derived.add(other.derived);
        self.types.add(other.types);
        self.parts.add(other.parts);
        self.ambiguous += other.ambiguous;
        for (reason, count) in other.unresolved {
            *self.unresolved.entry(reason).or_default() += count;
        }
        self.differences.extend(other.differences);
    }
}

/// The definitions that the compiler knows, by unit.
pub(crate) struct Definitions<'a> {
    by_unit: HashMap<&'a str, HashSet<(&'a str, Space)>>,
}

impl<'a> Definitions<'a> {
    pub(crate) fn new(units: impl IntoIterator<Item = &'a UnitFacts>) -> Self {
        let mut by_unit: HashMap<&str, HashSet<(&str, Space)>> = HashMap::new();
        for unit in units {
            let known = by_unit.entry(&unit.unit).or_default();
            known.extend(unit.defs.iter().filter_map(|def| Some((def.path.as_str(), Space::of(&def.kind)?))));
        }
        Definitions { by_unit }
    }

    fn cut(&self, unit: &str, path: &str, space: Space) -> End {
        let whole = || (unit.to_owned(), path.to_owned(), space);
        let Some(known) = self.by_unit.get(unit) else { return whole() };
        if known.contains(&(path, space)) {
            return whole();
        }
        let mut prefix = module_prefix(path);
        while let Some(module) = prefix {
            if known.contains(&(module, Space::Module)) {
                return (unit.to_owned(), module.to_owned(), Space::Module);
            }
            prefix = module_prefix(module);
        }
        whole()
    }
}

/// The path without its last component. Operators may hold dots: only what begins with a capital is a module.
fn module_prefix(path: &str) -> Option<&str> {
    let mut end = None;
    let mut start = 0;
    while let Some(dot) = path[start..].find('.') {
        let is_module = path[start..].starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
        if !is_module || dot == 0 {
            break;
        }
        end = Some(start + dot);
        start += dot + 1;
    }
    end.filter(|_| start < path.len()).map(|end| &path[..end])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The text shows it.
    Yes,
    /// A rewriter's code has it.
    Derived,
    /// Neither asked for nor wrong.
    No,
}

fn asked(reference: &RefFacts) -> Asked {
    let via = reference.via.as_deref();
    let is_item =
        matches!(via, Some("include" | "open")) && !(reference.from.is_empty() && reference.kind == "module");
    if reference.implicit || is_item || matches!(via, Some("coercion" | "alias-required" | "export")) {
        return Asked::No;
    }
    if reference.ghost { Asked::Derived } else { Asked::Yes }
}

/// Compares one unit.
pub(crate) fn score(truth: &UnitFacts, ours: &UnitFacts, known: &Definitions<'_>) -> Score {
    let mut score = Score { units: 1, ..Score::default() };
    definitions(truth, ours, &mut score);
    edges(truth, ours, known, &mut score);
    for name in &ours.unresolved {
        *score.unresolved.entry(name.reason.clone()).or_default() += 1;
    }
    score
}

fn definitions(truth: &UnitFacts, ours: &UnitFacts, score: &mut Score) {
    let key = |path: &str, kind: &str| {
        Space::of(kind).filter(|space| !space.is_name_only()).map(|space| (path.to_owned(), space))
    };
    let all: BTreeSet<_> = truth.defs.iter().filter_map(|def| key(&def.path, &def.kind)).collect();
    let written = truth.defs.iter().filter(|def| !def.ghost && def.include.is_none());
    let written: BTreeSet<_> = written.filter_map(|def| key(&def.path, &def.kind)).collect();
    let found: BTreeSet<_> = ours.defs.iter().filter_map(|def| key(&def.path, &def.kind)).collect();
    score.defs.found = written.intersection(&found).count();
    score.defs.missed = written.difference(&found).count();
    score.defs.wrong = found.difference(&all).count();
    let unit = &truth.unit;
    score
        .differences
        .extend(written.difference(&found).map(|(path, space)| format!("missed {unit}: {space:?} {path}")));
    score
        .differences
        .extend(found.difference(&all).map(|(path, space)| format!("wrong {unit}: {space:?} {path}")));
}

/// The parts of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Edge,
    Type,
    Member,
}

fn part(space: Space, via: Option<&str>) -> Part {
    match via {
        Some("constructor" | "field") => Part::Member,
        _ if space.is_name_only() => Part::Type,
        _ => Part::Edge,
    }
}

fn edges(truth: &UnitFacts, ours: &UnitFacts, known: &Definitions<'_>, score: &mut Score) {
    let mut wanted: BTreeMap<(Part, Edge), (Asked, u32)> = BTreeMap::new();
    let mut other_names: HashMap<Edge, Edge> = HashMap::new();
    // A name in a text stands behind a keyword.
    let is_made = |def: &&DefFacts| {
        def.include.is_none() && (def.name_line, def.name_col) == (def.start, def.start_col)
    };
    let made: HashSet<&str> = truth.defs.iter().filter(is_made).map(|def| def.path.as_str()).collect();
    for reference in truth.refs.iter().filter(|reference| !reference.raw) {
        let Some(space) = Space::of(&reference.kind) else { continue };
        let edge: Edge = (reference.from.clone(), known.cut(&reference.unit, &reference.path, space));
        if let (Some(unit), Some(path)) = (&reference.canon_unit, &reference.canon_path) {
            other_names.insert((reference.from.clone(), known.cut(unit, path, space)), edge.clone());
        }
        let is_use_of_made = reference.from.is_empty()
            && reference.unit == truth.unit
            && reference.kind == "value"
            && made.contains(reference.path.as_str());
        let asked = if is_use_of_made { Asked::No } else { asked(reference) };
        let entry =
            wanted.entry((part(space, reference.via.as_deref()), edge)).or_insert((asked, reference.line));
        if asked == Asked::Yes || (asked == Asked::Derived && entry.0 == Asked::No) {
            *entry = (asked, reference.line);
        }
    }
    let mut found: HashSet<(Part, Edge)> = HashSet::new();
    let mut wrong: BTreeMap<(Part, Edge), u32> = BTreeMap::new();
    let mut several: HashSet<(Part, Edge)> = HashSet::new();
    // What an interface makes of an alias is as little asked for here as there.
    for reference in ours.refs.iter().filter(|reference| reference.via.as_deref() != Some("export")) {
        let Some(space) = Space::of(&reference.kind) else { continue };
        let edge: Edge = (reference.from.clone(), known.cut(&reference.unit, &reference.path, space));
        let part = part(space, reference.via.as_deref());
        let mut key = (part, edge);
        if !matches!(wanted.get(&key), Some((Asked::Yes, _)))
            && let Some(edge) = other_names.get(&key.1)
        {
            key.1 = edge.clone();
        }
        if part == Part::Member && reference.ambiguous {
            several.insert(key.clone());
        }
        match wanted.get(&key) {
            Some(_) => {
                found.insert(key);
            }
            None => {
                wrong.entry(key).or_insert(reference.line);
            }
        }
    }
    for ((part, edge), (asked, line)) in &wanted {
        let is_found = found.contains(&(*part, edge.clone()));
        let tally = match (asked, part) {
            (Asked::No, _) => continue,
            (Asked::Derived, Part::Edge) => &mut score.derived,
            (Asked::Derived, _) => continue,
            (Asked::Yes, Part::Edge) => &mut score.edges,
            (Asked::Yes, Part::Type) => &mut score.types,
            (Asked::Yes, Part::Member) => &mut score.parts,
        };
        if is_found {
            tally.found += 1;
        } else {
            tally.missed += 1;
            let what = if *asked == Asked::Derived { "missed derived" } else { "missed" };
            score.differences.push(show(what, &truth.unit, edge, *line));
        }
    }
    for ((part, edge), line) in &wrong {
        // One of several that the name may mean is right if another one is.
        if several.contains(&(*part, edge.clone())) {
            continue;
        }
        match part {
            Part::Edge => score.edges.wrong += 1,
            Part::Type => score.types.wrong += 1,
            Part::Member => score.parts.wrong += 1,
        }
        score.differences.push(show("wrong", &truth.unit, edge, *line));
    }
    score.ambiguous = several.len();
}

fn show(what: &str, unit: &str, edge: &Edge, line: u32) -> String {
    let (from, (to, path, space)) = edge;
    let from = if from.is_empty() { "(effect)" } else { from };
    format!("{what} {unit}:{line}: {from} -> {to}.{path} [{space:?}]")
}
