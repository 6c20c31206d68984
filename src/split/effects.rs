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
use std::cell::RefCell;
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
    /// Whether what the text of a definition may call writes to something, where that was asked and it reaches no end.
    writers: Vec<AtomicU8>,
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
            writers: unknown(),
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
        SEARCH.with_borrow_mut(|search| search.classify(self, start))
    }

    /// Returns what the text of a definition does, references taken for calls.
    fn steps(&self, def: DefId) -> &Steps {
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
            for next in each_once(seen) {
                if self.may_be_state(next) {
                    let unit = self.tree.graph.def(next).unit;
                    steps.states.push((next, unit, self.may_hold_state(next, false)));
                }
                steps.reaches.push(next);
                if self.tree.graph.def(next).kind == DefKind::Functor {
                    steps.reaches.extend(self.in_functor.get(&next).into_iter().flatten());
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

    /// Whether a definition is a value that is computed or written out, and not in a functor.
    fn may_be_state(&self, def: DefId) -> bool {
        let def = self.tree.graph.def(def);
        def.kind == DefKind::Value
            && def.in_functor.is_none()
            && matches!(def.shape, Shape::Expr | Shape::Constant)
    }

    /// Whether a value may hold something that can be written to: code that makes such a thing is reached when it is computed.
    fn may_hold_state(&self, start: DefId, is_own: bool) -> bool {
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

/// What a text does at once.
#[derive(Default)]
struct Steps {
    writes: bool,
    /// Definitions that it may call, in the order of its references; behind a functor, what runs when that is applied.
    reaches: Vec<DefId>,
    /// Values among them that may hold state, with their units; each with whether it does for others than its own unit.
    states: Vec<(DefId, UnitId, bool)>,
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

thread_local! {
    static SEARCH: RefCell<Search> = RefCell::new(Search::default());
}

/// The code that a definition may reach when it runs, and the states that it names; buffers are those of the thread.
#[derive(Default)]
struct Search {
    /// Marks in `seen` are those of the search whose number they hold, so that none has to be wiped.
    number: u32,
    /// For each definition, the number of the last search that found it, and where in `found`.
    seen: Vec<(u32, u32)>,
    /// Definitions that may be called, in the order in which they are found.
    found: Vec<DefId>,
    /// Values that can be written to, each with a text that names it.
    states: Vec<(DefId, DefId)>,
}

impl Search {
    fn classify(&mut self, effects: &Effects<'_>, start: DefId) -> Judged {
        let graph = effects.tree.graph;
        let own = graph.def(start).unit;
        self.begin(graph.defs.len());
        self.find(start);
        let mut next = 0;
        while next < self.found.len() {
            if next > MAX_STEPS {
                return Judged::as_class(Class::Unknown(name("it reaches too much code")));
            }
            let text = self.found[next];
            let steps = effects.steps(text);
            if let Some(class) = steps.end {
                return Judged::as_class(class);
            }
            for &(def, unit, is_state) in &steps.states {
                if if unit == own { effects.may_hold_state(def, true) } else { is_state } {
                    self.states.push((def, text));
                }
            }
            steps.reaches.iter().for_each(|&def| self.find(def));
            next += 1;
        }
        let mut touched = self.touched(effects);
        let foreign = touched.written.iter().map(|&def| graph.def(def).unit).find(|&unit| unit != own);
        let is_own = |def: &DefId| graph.def(*def).unit == own;
        touched.written.retain(is_own);
        touched.read.retain(is_own);
        let class = match foreign {
            Some(unit) => Class::Registers(unit),
            None if touched.written.is_empty() => Class::Pure,
            None => Class::OwnState,
        };
        Judged { class, touched }
    }

    fn begin(&mut self, n_defs: usize) {
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            // After four billion searches, old marks could be taken for new ones.
            self.seen.clear();
            self.number = 1;
        }
        if self.seen.len() < n_defs {
            self.seen.resize(n_defs, (0, 0));
        }
        self.found.clear();
        self.states.clear();
    }

    fn find(&mut self, def: DefId) {
        let seen = &mut self.seen[def.idx()];
        if seen.0 != self.number {
            *seen = (self.number, self.found.len() as u32);
            self.found.push(def);
        }
    }

    /// What is written to, once all that may be called is found: whoever calls something that writes may pass it what it names.
    fn touched(&self, effects: &Effects<'_>) -> Touched {
        let writes = |text: DefId| effects.writers[text.idx()].load(Ordering::Relaxed);
        if self.states.iter().any(|&(_, text)| writes(text) == UNKNOWN) {
            self.find_writers(effects);
        }
        let states = |only_written: bool| -> Vec<DefId> {
            let all = self.states.iter().filter(|&&(_, text)| !only_written || writes(text) == YES);
            let mut all: Vec<DefId> = all.map(|&(state, _)| state).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        Touched { written: states(true), read: states(false) }
    }

    /// Finds out which of the texts write, themselves or through what they call. All that they call is among them, so that it
    /// holds whoever asks.
    fn find_writers(&self, effects: &Effects<'_>) {
        let position = |def: &DefId| self.seen[def.idx()].1 as usize;
        // Who calls each of them: `callers[first[i]..first[i + 1]]`.
        let mut first = vec![0u32; self.found.len() + 1];
        let calls = || self.found.iter().flat_map(|&text| &effects.steps(text).reaches);
        calls().for_each(|called| first[position(called) + 1] += 1);
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        let mut callers = vec![0u32; first[self.found.len()] as usize];
        let mut next = first.clone();
        for (caller, &text) in (0u32..).zip(&self.found) {
            for called in &effects.steps(text).reaches {
                let slot = &mut next[position(called)];
                callers[*slot as usize] = caller;
                *slot += 1;
            }
        }
        let mut writes: Vec<bool> = self.found.iter().map(|&text| effects.steps(text).writes).collect();
        let mut todo: Vec<usize> = (0..writes.len()).filter(|&i| writes[i]).collect();
        while let Some(at) = todo.pop() {
            for &caller in &callers[first[at] as usize..first[at + 1] as usize] {
                if !std::mem::replace(&mut writes[caller as usize], true) {
                    todo.push(caller as usize);
                }
            }
        }
        for (text, writes) in self.found.iter().zip(writes) {
            effects.writers[text.idx()].store(if writes { YES } else { NO }, Ordering::Relaxed);
        }
    }
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
