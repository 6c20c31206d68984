//! What code that runs at start-up does: nothing that anybody sees, something to itself, or something to others.
//!
//! From a definition that runs, every reference is taken for a call: to functions, into their texts, and so on. What that
//! reaches decides the class. A function that writes may write to what its callers name: a value that can be written to and
//! is named by code that calls something that writes counts as written to. Calls through mutable fields are not seen; the
//! code behind them is, where it is named.
//! APPROX: an exception that the code may raise at start-up does not count: the program would not have started.
//!
//! It ends because each definition is looked at once, and at most [`MAX_STEPS`] are.

use super::behind::{AllRunning, Behind, Units, all_running, classify};
use super::world::Tree;
use crate::base::{DefId, IdSet, Idx, Name, UnitId, name};
use crate::graph::{DefKind, Edge, EdgeKind};
use crate::parse::{Counts, Item, ItemKind, Shape};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// Definitions looked at for one that runs, at most; what needs more is unknown.
pub(super) const MAX_STEPS: usize = 6000;

/// What code does when it runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Class {
    /// It allocates and computes.
    Pure,
    /// It writes to state of its own unit.
    OwnState,
    /// It writes to state of another unit.
    Registers(UnitId),
    /// It does input or output, or calls C code that is not known.
    Outside(Name),
    /// It cannot be told.
    Unknown(Name),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Pure,
    Quiet,
    Registers,
    Outside,
    Write,
}

struct Table {
    names: FxHashMap<Name, Known>,
    /// The units that those names begin with.
    units: FxHashSet<Name>,
    c_prefixes: Vec<(String, Known)>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table =
            Table { names: FxHashMap::default(), units: FxHashSet::default(), c_prefixes: Vec::new() };
        for line in include_str!("effects.txt").lines() {
            let Some((word, what)) = line.split_once(' ') else { continue };
            let known = match word {
                "pure" | "pure-c" => Known::Pure,
                "quiet" => Known::Quiet,
                "registers" => Known::Registers,
                "outside" => Known::Outside,
                "write" | "write-c" => Known::Write,
                _ => continue,
            };
            if word.ends_with("-c") {
                table.c_prefixes.push((what.trim().to_owned(), known));
            } else {
                let what = what.trim();
                table.names.insert(name(what), known);
                table.units.insert(name(what.split('.').next().unwrap_or(what)));
            }
        }
        table
    })
}

/// What the table says of a path in a unit, or else of all of the unit. What a functor of the table makes is as known as the
/// functor.
fn known(unit: Name, path: Name) -> Option<Known> {
    let table = table();
    if !table.units.contains(&unit) {
        return None;
    }
    let full = format!("{unit}.{path}");
    let of = |path: &str| table.names.get(&name(path)).copied();
    of(&full).or_else(|| of(unit.as_str())).or_else(|| of(full.rsplit_once('.')?.0))
}

/// Classifies definitions, each once.
///
/// What is found is kept by id and depends on the tree alone, so threads may share it and it does not matter which asks first.
pub(crate) struct Effects<'a> {
    pub(super) tree: Tree<'a>,
    judged: Vec<OnceLock<Box<Judged>>>,
    /// What the text of each definition does at once.
    steps: Vec<OnceLock<Box<Steps>>>,
    /// Whether a value holds state: for a definition of another unit, and for one of the own unit.
    holders: [Vec<AtomicU8>; 2],
    /// What the code behind each definition does for other units than its own.
    pub(super) behind: Behind,
    /// What the code of units may reach, going by whole units.
    units: OnceLock<Units>,
    /// What is behind all code of each unit that runs.
    running: Vec<OnceLock<AllRunning>>,
    /// The units whose code each may reach at once.
    reached: Vec<OnceLock<Box<[UnitId]>>>,
    /// Whether the text of a unit assigns to fields.
    assigning: Vec<OnceLock<bool>>,
    /// Definitions inside each functor that run when it is applied.
    in_functor: FxHashMap<DefId, Vec<DefId>>,
}

impl<'a> Effects<'a> {
    pub(crate) fn new(tree: Tree<'a>) -> Self {
        let mut in_functor: FxHashMap<DefId, Vec<DefId>> = FxHashMap::default();
        for (i, def) in tree.graph.defs.iter().enumerate() {
            if let Some(functor) = def.in_functor
                && def.shape == Shape::Expr
            {
                in_functor.entry(functor).or_default().push(DefId(i as u32));
            }
        }
        let n_defs = tree.graph.defs.len();
        let unknown = || (0..n_defs).map(|_| AtomicU8::new(UNKNOWN)).collect();
        Effects {
            tree,
            judged: (0..n_defs).map(|_| OnceLock::new()).collect(),
            steps: (0..n_defs).map(|_| OnceLock::new()).collect(),
            holders: [unknown(), unknown()],
            behind: Behind::new(n_defs),
            units: OnceLock::new(),
            running: tree.project.units.iter().map(|_| OnceLock::new()).collect(),
            reached: tree.project.units.iter().map(|_| OnceLock::new()).collect(),
            assigning: tree.project.units.iter().map(|_| OnceLock::new()).collect(),
            in_functor,
        }
    }

    /// Whether a definition runs code when its unit is linked.
    pub(crate) fn runs(&self, def: DefId) -> bool {
        let def = self.tree.graph.def(def);
        def.runs && def.in_functor.is_none()
    }

    /// Returns what a definition does when it runs.
    pub(crate) fn class(&self, def: DefId) -> Class {
        if !self.runs(def) {
            return Class::Pure;
        }
        self.judged(def).class
    }

    fn judged(&self, def: DefId) -> &Judged {
        self.judged[def.idx()].get_or_init(|| {
            let definition = self.tree.graph.def(def);
            let unit = self.tree.project.unit(definition.unit).name;
            let full = || name(&format!("{unit}.{}", definition.path));
            let is_known = table().units.contains(&unit) && table().names.get(&full()) == Some(&Known::Pure);
            Box::new(if is_known { Judged::as_class(Class::Pure) } else { classify(self, def) })
        })
    }

    /// Returns the values of its own unit that a definition may write to when it runs.
    pub(crate) fn writes_to(&self, def: DefId) -> &[DefId] {
        if self.runs(def) { &self.judged(def).touched.written } else { &[] }
    }

    /// Returns the values of its own unit that can be written to and that a definition may read when it runs.
    pub(crate) fn reads_from(&self, def: DefId) -> &[DefId] {
        if self.runs(def) { &self.judged(def).touched.read } else { &[] }
    }

    /// Returns what the text of a definition does, references taken for calls.
    pub(super) fn steps(&self, def: DefId) -> &Steps {
        self.steps[def.idx()].get_or_init(|| {
            let mut steps = Steps { writes: self.assigns(def), ..Steps::default() };
            let mut seen: Vec<DefId> = Vec::new();
            for edge in self.tree.graph.edges_of(def) {
                match self.step(edge) {
                    Step::Nothing => {}
                    Step::Writes => steps.writes = true,
                    Step::Reaches(next) => seen.push(next),
                    Step::Ends(class) => {
                        steps.end = Some(class);
                        break;
                    }
                }
            }
            let (mut reaches, mut states) = (Vec::with_capacity(seen.len()), Vec::new());
            for next in each_once(seen) {
                if self.may_be_state(next) {
                    let unit = self.tree.graph.def(next).unit;
                    states.push((next, unit, self.may_hold_state(next, false)));
                }
                reaches.push(next);
                if self.tree.graph.def(next).kind == DefKind::Functor {
                    reaches.extend(self.in_functor.get(&next).into_iter().flatten());
                }
            }
            (steps.reaches, steps.states) = (reaches.into_boxed_slice(), states.into_boxed_slice());
            Box::new(steps)
        })
    }

    /// What one reference does.
    fn step(&self, edge: &Edge) -> Step {
        let tree = self.tree;
        if edge.kind == EdgeKind::Primitive {
            let primitive = self.primitive(edge);
            let writes = primitive.is_some_and(|name| table().names.get(&name) == Some(&Known::Write));
            return if writes { Step::Writes } else { Step::Nothing };
        }
        if is_no_call(edge.kind) {
            return Step::Nothing;
        }
        let full = || name(&format!("{}.{}", tree.unit_name(edge.target.unit), edge.target.path));
        match known(tree.project.unit(edge.target.unit).name, edge.target.path) {
            Some(Known::Pure | Known::Write) => return Step::Nothing,
            Some(Known::Registers) => return Step::Ends(Class::Registers(edge.target.unit)),
            Some(Known::Outside) => return Step::Ends(Class::Outside(full())),
            Some(Known::Quiet) | None => {}
        }
        if edge.kind == EdgeKind::CExternal {
            return self.call_c(edge);
        }
        let Some(def) = edge.def.get() else {
            let is_opaque = tree.graph.unit_defs(edge.target.unit).next().is_none();
            // A whole unit that is copied or passed on; what its functions do, nobody has called yet.
            let is_unknown = is_opaque && !edge.target.path.is_empty();
            return if is_unknown { Step::Ends(Class::Unknown(full())) } else { Step::Nothing };
        };
        Step::Reaches(def)
    }

    fn call_c(&self, edge: &Edge) -> Step {
        let Some(primitive) = self.primitive(edge) else {
            return Step::Ends(Class::Unknown(edge.target.path));
        };
        let known = table().c_prefixes.iter().find(|(prefix, _)| primitive.starts_with(prefix.as_str()));
        match known {
            Some((_, Known::Write)) => Step::Writes,
            Some(_) => Step::Nothing,
            None => Step::Ends(Class::Outside(primitive)),
        }
    }

    /// Whether the text of a definition assigns to a field.
    fn assigns(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        let is_code = matches!(definition.kind, DefKind::Value | DefKind::Effect | DefKind::Class);
        is_code && self.counts(def).is_some_and(|counts| counts.writes > 0)
    }

    fn counts(&self, def: DefId) -> Option<Counts> {
        let def = self.tree.graph.def(def);
        let facts = self.tree.facts(def.file)?;
        Some(facts.counts(facts.item(def.item)))
    }

    fn item(&self, def: DefId) -> Option<&'a Item> {
        let def = self.tree.graph.def(def);
        Some(self.tree.facts(def.file)?.item(def.item))
    }

    /// Whether a definition is a value that is computed or written out, and not in a functor.
    fn may_be_state(&self, def: DefId) -> bool {
        let def = self.tree.graph.def(def);
        def.kind == DefKind::Value
            && def.in_functor.is_none()
            && matches!(def.shape, Shape::Expr | Shape::Constant)
    }

    /// Whether a value may hold something that can be written to: code that makes such a thing is reached when it is computed.
    pub(super) fn may_hold_state(&self, start: DefId, is_own: bool) -> bool {
        let graph = self.tree.graph;
        if !self.may_be_state(start) {
            return false;
        }
        if graph.def(start).shape == Shape::Constant {
            // A record may have mutable fields.
            return self.is_record(start);
        }
        let known = &self.holders[usize::from(is_own)][start.idx()];
        match known.load(Ordering::Relaxed) {
            UNKNOWN => {}
            answer => return answer == YES,
        }
        // In its own unit, however it is made. Of other units only what is made so in its own text: tables to register in
        // are, and what is reached from further away are buffers that somebody used on the way.
        let max_depth = if is_own { u32::MAX } else { 0 };
        let mut seen: IdSet<DefId> = IdSet::default();
        let mut todo = vec![(start, 0)];
        let mut n_seen = 0;
        let mut found = false;
        while let Some((def, depth)) = todo.pop() {
            for edge in graph
                .edges_of(def)
                .iter()
                .filter(|edge| edge.kind.links() || edge.kind == EdgeKind::Primitive)
            {
                found |= self.makes_state(edge);
                if let Some(next) = edge.def.get()
                    && depth < max_depth
                    && seen.insert(next)
                {
                    n_seen += 1;
                    todo.push((next, depth + 1));
                }
            }
            if found || n_seen > MAX_STEPS {
                found = true;
                break;
            }
        }
        known.store(if found { YES } else { NO }, Ordering::Relaxed);
        found
    }

    /// Whether a constant is a record whose fields somebody assigns to.
    /// APPROX: the unit of the record's type assigns to fields, or its own does; which fields, the facts do not tell.
    fn is_record(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        let (Some(item), Some(facts)) = (self.item(def), self.tree.facts(definition.file)) else {
            return true;
        };
        let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
        if !refs.iter().any(|reference| reference.kind == crate::parse::RefKind::Field) {
            return false;
        }
        let types = self.tree.graph.edges_of(def).iter().filter(|edge| edge.kind == EdgeKind::Type);
        let mut units = types.map(|edge| edge.target.unit).chain([definition.unit]);
        units.any(|unit| self.has_assignments(unit))
    }

    fn has_assignments(&self, unit: UnitId) -> bool {
        *self.assigning[unit.idx()].get_or_init(|| {
            let file = self.tree.project.unit(unit).implementation();
            let facts = file.and_then(|file| self.tree.facts(file));
            facts.is_none_or(|facts| facts.items.iter().any(|item| facts.counts(item).writes > 0))
        })
    }

    fn makes_state(&self, edge: &Edge) -> bool {
        const IMMUTABLE: [&str; 8] =
            ["String", "StringLabels", "List", "ListLabels", "Lazy", "Seq", "Option", "Uchar"];
        const PRIMITIVES: [&str; 5] =
            ["%makemutable", "caml_make_vect", "caml_create_bytes", "caml_ba_create", "caml_atomic_make"];
        match edge.kind {
            EdgeKind::Primitive | EdgeKind::CExternal => {
                self.primitive(edge).is_some_and(|primitive| PRIMITIVES.contains(&primitive.as_str()))
            }
            EdgeKind::Value => {
                let is_maker = ["ref", "create", "make", "init"].contains(&last(edge.target.path));
                // Of the standard library it is known which of them make something that can be written to.
                let of = self.tree.unit_name(edge.target.unit);
                let is_immutable = of.strip_prefix("Stdlib__").is_some_and(|of| IMMUTABLE.contains(&of));
                is_maker && !is_immutable
            }
            _ => false,
        }
    }

    /// Whether a value is a container whose type nothing in its own text decides: `ref []`, `Hashtbl.create 7`.
    /// APPROX: a reference or array that is made from a literal has the literal's type.
    pub(crate) fn has_open_type(&self, def: DefId) -> bool {
        const TABLES: [&str; 5] = ["Hashtbl", "Queue", "Stack", "Weak", "Ephemeron"];
        let definition = self.tree.graph.def(def);
        if definition.shape != Shape::Expr || definition.parent.is_some() || definition.in_functor.is_some() {
            return false;
        }
        let Some(facts) = self.tree.facts(definition.file) else { return false };
        let item = facts.item(definition.item);
        let counts = facts.counts(item);
        let has_literal = counts.literals + counts.strings > 0;
        let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
        if refs.iter().any(|reference| reference.kind == crate::parse::RefKind::Type) {
            return false;
        }
        self.tree.graph.edges_of(def).iter().any(|edge| {
            let of = self.tree.unit_name(edge.target.unit).trim_start_matches("Stdlib__");
            match edge.kind {
                EdgeKind::Value if last(edge.target.path) == "create" => TABLES.contains(&of),
                EdgeKind::Value if last(edge.target.path) == "make" => of == "Array" && !has_literal,
                EdgeKind::Primitive | EdgeKind::CExternal => {
                    let made_by = self.primitive(edge);
                    !has_literal
                        && made_by.is_some_and(|made_by| {
                            ["%makemutable", "caml_make_vect"].contains(&made_by.as_str())
                        })
                }
                _ => false,
            }
        })
    }

    /// What the code of units may reach, going by whole units.
    pub(super) fn units(&self) -> &Units {
        self.units.get_or_init(|| Units::new(self))
    }

    /// What is behind all code of a unit that runs.
    pub(super) fn all_running(&self, unit: UnitId) -> AllRunning {
        *self.running[unit.idx()].get_or_init(|| all_running(self, unit))
    }

    /// Returns the units with definitions that some text of a unit may call; perhaps others, too.
    pub(super) fn reached_units(&self, unit: UnitId) -> &[UnitId] {
        self.reached[unit.idx()].get_or_init(|| {
            let graph = self.tree.graph;
            let edges = graph.unit_defs(unit).flat_map(|def| graph.edges_of(def));
            let called = edges.filter(|edge| !is_no_call(edge.kind)).filter_map(|edge| edge.def.get());
            let mut units: IdSet<UnitId> = called.map(|def| graph.def(def).unit).collect();
            units.remove(unit);
            units.iter().collect()
        })
    }

    /// Whether a unit without source is known to do nothing at start-up that others could miss.
    pub(crate) fn is_quiet(&self, unit: UnitId) -> bool {
        let known = table().names.get(&name(self.tree.unit_name(unit)));
        matches!(known, Some(Known::Pure | Known::Quiet))
    }

    /// Returns what a C primitive or a `%primitive` is called.
    fn primitive(&self, edge: &Edge) -> Option<Name> {
        let def = self.tree.graph.def(edge.def.get()?);
        match &self.tree.facts(def.file)?.item(def.item).kind {
            ItemKind::External { primitive, .. } => Some(*primitive),
            _ => None,
        }
    }
}

/// Answers that threads share.
const UNKNOWN: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;

/// What is known of a definition that runs.
pub(super) struct Judged {
    pub(super) class: Class,
    pub(super) touched: Touched,
}

impl Judged {
    pub(super) fn as_class(class: Class) -> Self {
        Judged { class, touched: Touched::default() }
    }
}

/// What a text does at once.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) writes: bool,
    /// Definitions that it may call, in the order of its references; behind a functor, what runs when that is applied.
    pub(super) reaches: Box<[DefId]>,
    /// Values among them that may hold state, with their units; each with whether it does for others than its own unit.
    pub(super) states: Box<[(DefId, UnitId, bool)]>,
    /// A class that nothing further can change.
    pub(super) end: Option<Class>,
}

/// What one reference does.
enum Step {
    Nothing,
    Writes,
    Reaches(DefId),
    Ends(Class),
}

/// Values that can be written to, by what running code does with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    pub(super) written: Vec<DefId>,
    pub(super) read: Vec<DefId>,
}

/// Whether a reference of a kind leads to no code that is known.
fn is_no_call(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Type | EdgeKind::ModuleType | EdgeKind::Name | EdgeKind::Primitive)
}

/// Returns each of some definitions once, where it comes first.
fn each_once(defs: Vec<DefId>) -> Vec<DefId> {
    if defs.len() < 12 {
        let mut once: Vec<DefId> = Vec::with_capacity(defs.len());
        for def in defs {
            if !once.contains(&def) {
                once.push(def);
            }
        }
        return once;
    }
    let mut seen: FxHashSet<DefId> = FxHashSet::default();
    defs.into_iter().filter(|&def| seen.insert(def)).collect()
}

fn last(path: Name) -> &'static str {
    let path: &'static str = path.as_str();
    path.rsplit('.').next().unwrap_or(path)
}
