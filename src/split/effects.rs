//! What code that runs at start-up does: nothing that anybody sees, something to itself, or something to others.
//!
//! From a definition that runs, every reference is taken for a call: to functions, into their texts, and so on. What that
//! reaches decides the class. A function that writes may write to what its callers name: a value that can be written to and
//! is named by code that calls something that writes counts as written to. Calls through mutable fields are not seen; the
//! code behind them is, where it is named.
//! APPROX: an exception that the code may raise at start-up does not count: the program would not have started.
//!
//! It ends because each definition is looked at once, and at most [`MAX_STEPS`] are.

use super::world::Tree;
use crate::base::{DefId, IdSet, Idx, Name, UnitId, name};
use crate::graph::{DefKind, Edge, EdgeKind};
use crate::parse::{Item, ItemKind, Shape};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// Definitions looked at for one that runs, at most; what needs more is unknown.
const MAX_STEPS: usize = 6000;

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
    c_prefixes: Vec<(String, Known)>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { names: FxHashMap::default(), c_prefixes: Vec::new() };
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
                table.names.insert(name(what.trim()), known);
            }
        }
        table
    })
}

/// Classifies definitions, each once.
///
/// What is found is kept by id and depends on the tree alone, so threads may share it and it does not matter which asks first.
pub(crate) struct Effects<'a> {
    tree: Tree<'a>,
    judged: Vec<OnceLock<Box<Judged>>>,
    /// What the text of each definition does at once.
    steps: Vec<OnceLock<Box<Steps>>>,
    /// Whether a value holds state: for a definition of another unit, and for one of the own unit.
    holders: [Vec<AtomicU8>; 2],
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
            let full = name(&format!("{}.{}", self.tree.unit_name(definition.unit), definition.path));
            let is_known = table().names.get(&full) == Some(&Known::Pure);
            Box::new(if is_known { Judged::as_class(Class::Pure) } else { self.classify(def) })
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

    fn classify(&self, start: DefId) -> Judged {
        let own = self.tree.graph.def(start).unit;
        let mut search =
            Search { effects: self, found: vec![Call::new(start, None)], seen: FxHashMap::default(), own };
        search.seen.insert(start, 0);
        let mut next = 0;
        while next < search.found.len() {
            if next > MAX_STEPS {
                return Judged::as_class(Class::Unknown(name("it reaches too much code")));
            }
            let steps = self.steps(search.found[next].def);
            if let Some(class) = steps.end {
                return Judged::as_class(class);
            }
            search.found[next].writes |= steps.writes;
            for &def in &steps.reaches {
                search.reach(next, def);
            }
            next += 1;
        }
        let mut touched = search.touched();
        let foreign =
            touched.written.iter().map(|&def| self.tree.graph.def(def).unit).find(|&unit| unit != own);
        let is_own = |def: &DefId| self.tree.graph.def(*def).unit == own;
        touched.written.retain(is_own);
        touched.read.retain(is_own);
        let class = match foreign {
            Some(unit) => Class::Registers(unit),
            None if touched.written.is_empty() => Class::Pure,
            None => Class::OwnState,
        };
        Judged { class, touched }
    }

    /// Returns what the text of a definition does, references taken for calls.
    fn steps(&self, def: DefId) -> &Steps {
        self.steps[def.idx()].get_or_init(|| {
            let mut steps = Steps { writes: self.assigns(def), ..Steps::default() };
            let mut seen: FxHashSet<DefId> = FxHashSet::default();
            for edge in self.tree.graph.edges_of(def) {
                match self.step(edge) {
                    Step::Nothing => {}
                    Step::Writes => steps.writes = true,
                    Step::Reaches(next) if seen.insert(next) => steps.reaches.push(next),
                    Step::Reaches(_) => {}
                    Step::Ends(class) => {
                        steps.end = Some(class);
                        break;
                    }
                }
            }
            Box::new(steps)
        })
    }

    /// What one reference does.
    fn step(&self, edge: &Edge) -> Step {
        let tree = self.tree;
        match edge.kind {
            EdgeKind::Type | EdgeKind::ModuleType | EdgeKind::Name => return Step::Nothing,
            EdgeKind::Primitive => {
                let primitive = self.primitive(edge);
                let writes = primitive.is_some_and(|name| table().names.get(&name) == Some(&Known::Write));
                return if writes { Step::Writes } else { Step::Nothing };
            }
            _ => {}
        }
        let unit_name = tree.unit_name(edge.target.unit);
        let full = name(&format!("{unit_name}.{}", edge.target.path));
        let mut by_name = table().names.get(&full).or_else(|| table().names.get(&name(unit_name)));
        // What a functor of the table makes is as known as the functor.
        if by_name.is_none()
            && let Some((prefix, _)) = full.rsplit_once('.')
        {
            by_name = table().names.get(&name(prefix));
        }
        match by_name {
            Some(Known::Pure | Known::Write) => return Step::Nothing,
            Some(Known::Registers) => return Step::Ends(Class::Registers(edge.target.unit)),
            Some(Known::Outside) => return Step::Ends(Class::Outside(full)),
            Some(Known::Quiet) | None => {}
        }
        if edge.kind == EdgeKind::CExternal {
            return self.call_c(edge);
        }
        let Some(def) = edge.def else {
            let is_opaque = tree.graph.unit_defs(edge.target.unit).next().is_none();
            // A whole unit that is copied or passed on; what its functions do, nobody has called yet.
            let is_unknown = is_opaque && !edge.target.path.is_empty();
            return if is_unknown { Step::Ends(Class::Unknown(full)) } else { Step::Nothing };
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
        is_code && self.item(def).is_some_and(|item| item.counts.writes > 0)
    }

    fn item(&self, def: DefId) -> Option<&'a Item> {
        let def = self.tree.graph.def(def);
        Some(self.tree.facts(def.file)?.item(def.item))
    }

    /// Whether a value may hold something that can be written to: code that makes such a thing is reached when it is computed.
    fn may_hold_state(&self, start: DefId, is_own: bool) -> bool {
        let graph = self.tree.graph;
        let definition = graph.def(start);
        if definition.kind != DefKind::Value || definition.in_functor.is_some() {
            return false;
        }
        match definition.shape {
            Shape::Expr => {}
            // A record may have mutable fields.
            Shape::Constant => return self.is_record(start),
            _ => return false,
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
        let mut found = false;
        while let Some((def, depth)) = todo.pop() {
            for edge in graph
                .edges_of(def)
                .iter()
                .filter(|edge| edge.kind.links() || edge.kind == EdgeKind::Primitive)
            {
                found |= self.makes_state(edge);
                if let Some(next) = edge.def
                    && depth < max_depth
                    && seen.insert(next)
                {
                    todo.push((next, depth + 1));
                }
            }
            if found || seen.len() > MAX_STEPS {
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
            facts.is_none_or(|facts| facts.items.iter().any(|item| item.counts.writes > 0))
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
        let has_literal = item.counts.literals + item.counts.strings > 0;
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

    /// Whether a unit without source is known to do nothing at start-up that others could miss.
    pub(crate) fn is_quiet(&self, unit: UnitId) -> bool {
        let known = table().names.get(&name(self.tree.unit_name(unit)));
        matches!(known, Some(Known::Pure | Known::Quiet))
    }

    /// Returns what a C primitive or a `%primitive` is called.
    fn primitive(&self, edge: &Edge) -> Option<Name> {
        let def = self.tree.graph.def(edge.def?);
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
struct Judged {
    class: Class,
    touched: Touched,
}

impl Judged {
    fn as_class(class: Class) -> Self {
        Judged { class, touched: Touched::default() }
    }
}

/// What a text does at once: its references in order, one of each.
#[derive(Default)]
struct Steps {
    writes: bool,
    /// Definitions that it may call.
    reaches: Vec<DefId>,
    /// A class that nothing further can change.
    end: Option<Class>,
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
struct Touched {
    written: Vec<DefId>,
    read: Vec<DefId>,
}

/// A function that may be called.
struct Call {
    def: DefId,
    /// Positions of those that may call it.
    callers: Vec<usize>,
    /// Whether it writes to something, itself or through what it calls.
    writes: bool,
    /// Values that can be written to and that its text names.
    states: Vec<DefId>,
}

impl Call {
    fn new(def: DefId, caller: Option<usize>) -> Self {
        Call { def, callers: caller.into_iter().collect(), writes: false, states: Vec::new() }
    }
}

struct Search<'a, 'b> {
    effects: &'b Effects<'a>,
    found: Vec<Call>,
    seen: FxHashMap<DefId, usize>,
    own: UnitId,
}

impl Search<'_, '_> {
    fn reach(&mut self, caller: usize, def: DefId) {
        let is_own = self.effects.tree.graph.def(def).unit == self.own;
        if self.effects.may_hold_state(def, is_own) {
            self.found[caller].states.push(def);
        }
        self.call(caller, def);
        for &inner in self.effects.in_functor.get(&def).into_iter().flatten() {
            self.call(caller, inner);
        }
    }

    fn call(&mut self, caller: usize, def: DefId) {
        let next = self.found.len();
        let at = *self.seen.entry(def).or_insert(next);
        if at == next {
            self.found.push(Call::new(def, Some(caller)));
        } else {
            self.found[at].callers.push(caller);
        }
    }

    /// What is written to: whoever calls something that writes may pass it what it names.
    fn touched(&mut self) -> Touched {
        let mut todo: Vec<usize> = (0..self.found.len()).filter(|&i| self.found[i].writes).collect();
        while let Some(at) = todo.pop() {
            for caller in self.found[at].callers.clone() {
                if !self.found[caller].writes {
                    self.found[caller].writes = true;
                    todo.push(caller);
                }
            }
        }
        let states = |only_written: bool| -> Vec<DefId> {
            let calls = self.found.iter().filter(|call| call.writes || !only_written);
            let all: IdSet<DefId> = calls.flat_map(|call| call.states.iter().copied()).collect();
            all.iter().collect()
        };
        Touched { written: states(true), read: states(false) }
    }
}

fn last(path: Name) -> &'static str {
    let path: &'static str = path.as_str();
    path.rsplit('.').next().unwrap_or(path)
}
