//! What the references of one unit mean: edges, from the definition that owns the text to what code generation reads.
//!
//! What makes a link: the heads of the paths of values, modules, extension constructors and classes, after the aliases that are only names are rewritten; C externals through every alias; and, without
//! `-no-alias-deps`, the heads of alias right-hand sides and of the aliases met on the way.
//!
//! * `names`: values, constructors, fields, types and classes in the text;
//! * `modules`: module paths in the text; `opens`: what is opened and not known;
//! * `coercions`, `interface`: what signatures ask for;
//! * `rewrites`: what the compiler and rewriters add;
//! * `edges`: the definitions behind a target; `packed`: edges in little room.

mod coercions;
mod edges;
mod interface;
mod modules;
mod names;
mod opens;
mod packed;
mod path;
mod rewrites;

use super::defs::UnitDefs;
use super::eval::{EMPTY, Evaluator};
use super::index::Space;
use super::model::{DefKind, EdgeKind, PackedFlags, Target, Unresolved};
use super::world::File;
use crate::base::{Code, FileId, Problem, Severity, Span, UnitId};
use crate::parse::{FileFacts, RefKind};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

pub(crate) use packed::PackedEdges;

/// A definition of some unit, by its local number.
pub(crate) type LocalId = (UnitId, u32);

/// An edge before definitions have their final ids.
#[derive(Clone, Debug)]
pub(crate) struct LocalEdge {
    pub(crate) from: u32,
    pub(crate) kind: EdgeKind,
    pub(crate) target: Target,
    pub(crate) def: MaybeLocal,
    pub(crate) span: Span,
    pub(crate) flags: PackedFlags,
}

/// A definition of some unit or none, in the room of a definition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaybeLocal(LocalId);

/// No unit has as many definitions.
const NO_NUMBER: u32 = u32::MAX;

impl MaybeLocal {
    /// Returns the definition, if it is one.
    pub(crate) fn get(self) -> Option<LocalId> {
        Some(self.0).filter(|&(_, number)| number != NO_NUMBER)
    }
}

impl From<Option<LocalId>> for MaybeLocal {
    fn from(def: Option<LocalId>) -> Self {
        MaybeLocal(def.unwrap_or((UnitId(0), NO_NUMBER)))
    }
}

/// All that the references of one unit mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitRefs {
    /// Edges by definition, those of one in source order.
    pub(crate) edges: PackedEdges,
    /// Names that mean nothing known.
    pub(crate) unresolved: Vec<Unresolved>,
    /// Units named by their own name, in types and interfaces too, sorted.
    pub(crate) mentioned: Vec<UnitId>,
    /// Local numbers of aliases that the interface makes real fields.
    pub(crate) sealed: Vec<u32>,
    /// What aliases stand for, by local number.
    pub(crate) alias_of: Vec<(u32, Target)>,
    /// Local numbers of definitions that the interface hides.
    pub(crate) hidden: Vec<u32>,
}

/// Resolves the references of a unit's implementation, and the names that its interface mentions.
pub(crate) fn resolve_unit(eval: &mut Evaluator, unit: UnitId) -> UnitRefs {
    let mut refs = refs_of(eval, unit);
    // Where it is cut depends on what is known.
    if eval.is_cut() && eval.forget_others() {
        refs = refs_of(eval, unit);
    }
    if eval.is_exhausted() {
        eval.world.problem(unit, exhausted(eval, unit));
    }
    refs
}

/// Says that not all names of a unit were followed.
fn exhausted(eval: &Evaluator, unit: UnitId) -> Problem {
    let project = eval.world.project;
    let source = project.unit(unit);
    let message = format!(
        "the names of unit {} lead to one another in too many ways; from here on they are not followed",
        source.name
    );
    let problem = Problem::new(Severity::Warning, Code::Unresolved, message)
        .help("what it refers to may be missing from every figure; look for includes of includes that double at every level, for thousands of opens, or for as many types with the same constructors");
    if let Some((file, at)) = eval.given_up() {
        let place = eval.file(file).map(|loaded| loaded.facts.line_col(at.start));
        return problem.at(project.file(file).shown.clone(), place);
    }
    match source.implementation().or(source.interface()) {
        Some(file) => problem.at(project.file(file).shown.clone(), None),
        None => problem,
    }
}

fn refs_of(eval: &mut Evaluator, unit: UnitId) -> UnitRefs {
    let source = eval.world.project.unit(unit);
    let mut out = UnitRefs::default();
    eval.forget_files_read();
    let files = [source.interface(), source.implementation()].into_iter().flatten();
    let n_references = files.filter_map(|file| eval.file(file)).map(|loaded| loaded.facts.refs.len()).sum();
    eval.begin(n_references);
    eval.mentioned.clear();
    if let Some(file) = source.interface()
        && let Some(loaded) = eval.file(file).cloned()
    {
        mentions_of_interface(eval, file, &loaded);
    }
    if let Some(file) = source.implementation()
        && let Some(loaded) = eval.file(file).cloned()
    {
        let defs = eval.defs(unit).clone();
        let mut walk = Walk {
            eval,
            unit,
            file,
            facts: &loaded.facts,
            owners: owners(&loaded.facts, &defs),
            defs: &defs,
            chains: FxHashMap::default(),
            edges: ROOM.take(),
            out: &mut out,
        };
        walk.references();
        walk.opens();
        walk.coercions();
        walk.rewrites();
        walk.interface();
        walk.share_patterns();
        let mut edges = walk.edges;
        out.edges = PackedEdges::new(&mut edges);
        edges.clear();
        ROOM.set(edges);
    }
    out.mentioned.extend_from_slice(eval.mentioned.once());
    out.mentioned.sort();
    out.mentioned.dedup();
    out
}

thread_local! {
    /// Room for the edges of a unit: each thread resolves one at a time.
    static ROOM: RefCell<Vec<LocalEdge>> = const { RefCell::new(Vec::new()) };
}

fn mentions_of_interface(eval: &mut Evaluator, file: FileId, loaded: &File) {
    for reference in &loaded.facts.refs {
        let path = loaded.facts.names(reference.path);
        if path.len() > 1 || reference.kind == RefKind::Module {
            eval.lookup(file, reference.scope, EMPTY, Space::Module, path[0]);
            eval.followed(file, reference.span);
        }
    }
}

/// For each reference, the local number of the definition that owns its text.
fn owners(facts: &FileFacts, defs: &UnitDefs) -> Vec<Option<u32>> {
    let mut owners = vec![None; facts.refs.len()];
    for (number, def) in defs.defs.iter().enumerate() {
        if defs.by_item.get(&def.item) != Some(&(number as u32)) {
            continue;
        }
        // Code without a name inside a functor belongs to the functor: it runs when that is applied.
        let owner = match def.kind {
            DefKind::Effect => def.in_functor.unwrap_or(number as u32),
            _ => number as u32,
        };
        let refs = &facts.item(def.item).refs;
        owners[refs.start as usize..refs.end as usize].fill(Some(owner));
    }
    owners
}

struct Walk<'e, 'w, 'f> {
    eval: &'e mut Evaluator<'w>,
    unit: UnitId,
    file: FileId,
    facts: &'f FileFacts,
    owners: Vec<Option<u32>>,
    defs: &'f UnitDefs,
    chains: FxHashMap<(Target, Space, Option<usize>), Vec<LocalId>>,
    /// Edges in source order.
    edges: Vec<LocalEdge>,
    out: &'e mut UnitRefs,
}

impl Walk<'_, '_, '_> {
    /// `let (a, b) = e`: each name has the references of the whole binding.
    fn share_patterns(&mut self) {
        let mut others: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (number, def) in (0u32..).zip(&self.defs.defs) {
            let first = self.defs.by_item[&def.item];
            if first != number && !def.is_derived {
                others.entry(first).or_default().push(number);
            }
        }
        if others.is_empty() {
            return;
        }
        let mut copies = Vec::new();
        for edge in &self.edges {
            for &other in others.get(&edge.from).into_iter().flatten() {
                copies.push(LocalEdge { from: other, ..edge.clone() });
            }
        }
        self.edges.append(&mut copies);
    }
}

/// The name space of a definition.
pub(crate) fn space_of(kind: DefKind) -> Space {
    match kind {
        DefKind::Value | DefKind::External | DefKind::Effect => Space::Value,
        DefKind::Module | DefKind::Functor | DefKind::Alias => Space::Module,
        DefKind::Class => Space::Class,
        DefKind::Exception | DefKind::Extension => Space::Constructor,
        DefKind::ModuleType => Space::ModuleType,
        DefKind::Type => Space::Type,
    }
}
