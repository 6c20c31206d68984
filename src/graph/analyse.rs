//! From the project to the graph: resolves the units that the programs reach, in parallel, and numbers the results.
//!
//! A unit is resolved when something links it: the own units of the programs first, then what their edges make the
//! linker take, and what archives force (`tasks`). The result of a unit does not depend on the others, so neither order
//! nor threads show in the graph.

use super::model::{Def, Edge, Graph};
use super::tasks::{Results, recorded_links, resolve_units};
use crate::base::{Code, DefId, FileId, Idx, LibraryId, Problem, Severity, UnitId};
use crate::cache::{Cache, Question};
use crate::parse::FileFacts;
use crate::project::{Project, UnitSource};
use crate::resolve::{Earlier, File, LocalId, Parts, Texts, UnitDefs, UnitRefs, World};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Which units are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What the programs reach.
    Programs,
    /// All units of these libraries, and nothing that only they reach.
    Libraries(Vec<LibraryId>),
}

/// Whose word counts for the links of a unit that has both sources and a compiled archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archives {
    /// The archive's: it records what the compiler found. Where the sources say otherwise, a problem says so.
    Trusted,
    /// The sources' alone; archives count only for units without sources.
    Ignored,
}

/// The graph, and what was read to make it.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Definitions, edges and links.
    pub graph: Graph,
    /// The facts of the files that were read, by [`FileId`].
    pub facts: Vec<Option<Arc<FileFacts>>>,
    /// What is wrong with those files.
    pub problems: Vec<Problem>,
}

impl Analysis {
    /// Returns the facts of a file, where it was read.
    #[must_use]
    pub fn facts(&self, file: FileId) -> Option<&Arc<FileFacts>> {
        self.facts.get(file.idx())?.as_ref()
    }
}

/// Resolves what is wanted. Completes the own units of each program: modules of its own that its main module names,
/// in an order that the linker accepts.
pub fn analyse(project: &mut Project, texts: &dyn Texts, wanted: &Wanted, archives: Archives) -> Analysis {
    analyse_from(project, texts, wanted, archives, None)
}

/// The same, from what is known of an earlier run: `earlier` has the results kept on disk, and the project as it was found.
pub fn analyse_from(
    project: &mut Project,
    texts: &dyn Texts,
    wanted: &Wanted,
    archives: Archives,
    earlier: Option<(&Cache, Question)>,
) -> Analysis {
    let world = World::new(project, texts);
    let earlier = earlier.and_then(|(cache, found)| {
        let question = cache.question(&[&"references", &found, &world.version, wanted, &archives])?;
        Some(Earlier::open(cache, question, project))
    });
    let results = resolve_wanted(&world, wanted, archives, earlier.as_ref());
    let parts = world.into_parts();
    if let Some(earlier) = earlier {
        earlier.keep(project);
    }
    let own_units = all_own_units(project, &|unit| mentioned_in(&results, unit));
    let Parts { files, defs, mut problems } = parts;
    // Where names are is not asked any more: that goes before the graph comes, and the peak of memory is lower.
    let facts = facts_of(files.into_iter());
    let graph = assemble(project, results, &defs, archives, &mut problems);
    set_own_units(project, own_units);
    Analysis { graph, facts, problems }
}

fn facts_of(files: impl Iterator<Item = Option<Arc<File>>>) -> Vec<Option<Arc<FileFacts>>> {
    files.map(|file| file.map(|file| file.facts.clone())).collect()
}

/// Numbers what was resolved. Also returns the files and definitions that were read.
pub(super) fn assembled(
    project: &Project,
    results: Results,
    parts: Parts,
    archives: Archives,
) -> (Analysis, Read) {
    let Parts { files, defs, mut problems } = parts;
    let graph = assemble(project, results, &defs, archives, &mut problems);
    let facts = facts_of(files.iter().cloned());
    (Analysis { graph, facts, problems }, Read { files, defs })
}

/// What was read to resolve units.
#[derive(Default)]
pub(super) struct Read {
    /// By [`FileId`].
    pub(super) files: Vec<Option<Arc<File>>>,
    /// By [`UnitId`].
    pub(super) defs: Vec<Option<Arc<UnitDefs>>>,
}

/// The units that a unit names by their own name.
pub(super) fn mentioned_in(results: &Results, unit: UnitId) -> &[UnitId] {
    results[unit.idx()].get().map_or(&[], |refs| &refs.mentioned)
}

/// The own units of each program, in order.
pub(super) fn all_own_units<'m>(
    project: &Project,
    mentioned: &dyn Fn(UnitId) -> &'m [UnitId],
) -> Vec<Vec<UnitId>> {
    project.programs.iter().map(|program| own_units(project, mentioned, program)).collect()
}

/// Sets them.
pub(super) fn set_own_units(project: &mut Project, own_units: Vec<Vec<UnitId>>) {
    for (program, own_units) in project.programs.iter_mut().zip(own_units) {
        program.own_units = own_units;
    }
}

pub(super) fn resolve_wanted(
    world: &World,
    wanted: &Wanted,
    archives: Archives,
    earlier: Option<&Earlier<'_>>,
) -> Results {
    let project = world.project;
    let roots: Vec<UnitId> = match wanted {
        Wanted::Programs => program_roots(project),
        Wanted::Libraries(libraries) => {
            libraries.iter().flat_map(|&library| project.library(library).units.iter().copied()).collect()
        }
    };
    resolve_units(world, &roots, *wanted == Wanted::Programs, archives, earlier, |_| false)
}

fn program_roots(project: &Project) -> Vec<UnitId> {
    let mut roots = Vec::new();
    for program in &project.programs {
        roots.extend(&program.own_units);
        for &library in &program.libraries {
            let library = project.library(library);
            let all = program.linkall || library.linkall;
            roots.extend(library.units.iter().copied().filter(|&unit| all || project.unit(unit).forced));
        }
    }
    for name in ["Stdlib", "CamlinternalFormatBasics", "Std_exit"] {
        for program in &project.programs {
            roots.extend(project.visible_unit(program.own, crate::base::name(name)));
        }
    }
    roots
}

// -------------------------------------------------------------------- own units

/// The modules of a program's own that are linked: those given, and those that they name, dependencies first.
fn own_units<'m>(
    project: &Project,
    mentioned: &dyn Fn(UnitId) -> &'m [UnitId],
    program: &crate::project::Program,
) -> Vec<UnitId> {
    let own = project.library(program.own);
    let is_own = |unit: &UnitId| project.unit(*unit).library == program.own;
    let mut order = Vec::new();
    let mut state: FxHashMap<UnitId, bool> = FxHashMap::default();
    // The alias module of the executable has no text; it comes first when some other module is there. A pack comes behind
    // what it holds, and a root module of aliases where something names it.
    let is_alias_module = |unit: &UnitId| {
        let unit = project.unit(*unit);
        matches!(unit.source, UnitSource::Generated(_)) && unit.packed.is_empty() && unit.recorded.is_none()
    };
    for unit in own.units.iter().copied().filter(is_alias_module) {
        state.insert(unit, true);
        order.push(unit);
    }
    for &root in &program.own_units {
        // Depth first, with an explicit stack: (unit, next mention to look at, what a pack holds besides).
        let mut stack = vec![(root, 0, project.members(root))];
        if state.contains_key(&root) {
            continue;
        }
        state.insert(root, false);
        while let Some((unit, next, held)) = stack.last_mut() {
            let named = mentioned(*unit);
            match named.get(*next).or_else(|| held.get(*next - named.len())).copied() {
                Some(named) => {
                    *next += 1;
                    // Whoever names a member of a pack from outside gets the pack; members name each other.
                    let around = |unit: UnitId| {
                        std::iter::successors(project.unit(unit).pack, |&pack| project.unit(pack).pack)
                    };
                    let is_outside =
                        |pack: &UnitId| *pack != *unit && around(*unit).all(|other| other != *pack);
                    let named = around(named).take_while(is_outside).last().unwrap_or(named);
                    let is_own_pack = around(*unit).any(|pack| pack == named);
                    if is_own(&named) && !is_own_pack && !state.contains_key(&named) {
                        state.insert(named, false);
                        stack.push((named, 0, project.members(named)));
                    }
                }
                None => {
                    state.insert(*unit, true);
                    order.push(*unit);
                    stack.pop();
                }
            }
        }
    }
    order
}

// -------------------------------------------------------------------- numbering

fn assemble(
    project: &Project,
    results: Results,
    defs: &[Option<Arc<UnitDefs>>],
    archives: Archives,
    problems: &mut Vec<Problem>,
) -> Graph {
    // What a unit's references mean goes as soon as it is in the graph: both together would be the peak of memory.
    let mut results: Vec<Option<UnitRefs>> = results.into_iter().map(OnceLock::into_inner).collect();
    let n_edges = results.iter().flatten().map(|refs| refs.edges.len()).sum();
    let mut graph = Graph { edges: Vec::with_capacity(n_edges), ..Graph::default() };
    let mut base: Vec<Option<u32>> = vec![None; project.units.len()];
    let mut next = 0;
    for unit in 0..project.units.len() {
        let start = next;
        if results[unit].is_some()
            && let Some(unit_defs) = &defs[unit]
        {
            base[unit] = Some(start);
            next += unit_defs.defs.len() as u32;
        }
        graph.defs_of_unit.push(start..next);
    }
    graph.defs.reserve_exact(next as usize);
    let global = |(unit, number): LocalId| Some(DefId(base[unit.idx()]? + number));
    for unit in (0..project.units.len()).map(UnitId::new) {
        let refs = results[unit.idx()].take();
        let links = match (&refs, &defs[unit.idx()], base[unit.idx()]) {
            (Some(refs), Some(unit_defs), Some(base)) => {
                unit_graph(&mut graph, unit, refs, unit_defs, base, &global)
            }
            _ => BTreeMap::new(),
        };
        let is_resolved = refs.is_some();
        let row = if is_resolved { row(project, unit, &links, archives, problems) } else { Vec::new() };
        graph.units.links.push(row);
        graph.units.packs.extend(project.unit(unit).pack.map(|pack| (unit, pack)));
    }
    graph
}

/// What a unit records: what its references ask for, or what its archive says.
pub(super) fn row(
    project: &Project,
    unit: UnitId,
    links: &BTreeMap<UnitId, u32>,
    archives: Archives,
    problems: &mut Vec<Problem>,
) -> Vec<(UnitId, Option<u32>)> {
    let with_packs = with_packs(project, unit, links);
    let links = with_packs.as_ref().unwrap_or(links);
    let mut row: BTreeMap<UnitId, Option<u32>> = match recorded_links(project, unit, archives) {
        None => links.iter().map(|(&to, &edge)| (to, Some(edge))).collect(),
        Some(recorded) => {
            let is_pack = !project.unit(unit).packed.is_empty();
            if !matches!(project.unit(unit).source, UnitSource::Opaque { .. }) && !is_pack {
                problems.extend(mismatch(project, unit, links, &recorded));
            }
            // An archive knows packs and not what is inside them.
            let inside = links.iter().filter(|(to, _)| {
                project.unit(**to).pack.is_some_and(|pack| recorded.binary_search(&pack).is_ok())
            });
            let inside = inside.map(|(&to, &edge)| (to, Some(edge)));
            recorded.iter().map(|&to| (to, links.get(&to).copied())).chain(inside).collect()
        }
    };
    // A pack and its members are linked together, whoever asks for which of them.
    let together = project.members(unit).into_iter().chain(project.unit(unit).pack);
    together.for_each(|other| _ = row.entry(other).or_insert(None));
    row.into_iter().collect()
}

/// Links to members of other packs, and to those packs by the same references; none where there are no such links.
fn with_packs(
    project: &Project,
    unit: UnitId,
    links: &BTreeMap<UnitId, u32>,
) -> Option<BTreeMap<UnitId, u32>> {
    let own = project.unit(unit).pack;
    let pack = |to: &UnitId| project.unit(*to).pack.filter(|&pack| own != Some(pack) && pack != unit);
    let packs: Vec<(UnitId, u32)> = links.iter().filter_map(|(to, &edge)| Some((pack(to)?, edge))).collect();
    if packs.is_empty() {
        return None;
    }
    let mut links = links.clone();
    packs.into_iter().for_each(|(pack, edge)| _ = links.entry(pack).or_insert(edge));
    Some(links)
}

/// Says where sources and archive differ. The standard library is always linked, so it does not count.
fn mismatch(
    project: &Project,
    unit: UnitId,
    links: &BTreeMap<UnitId, u32>,
    recorded: &[UnitId],
) -> Option<Problem> {
    let source = project.unit(unit);
    let list = |units: Vec<UnitId>| {
        let names: Vec<&str> = units.iter().map(|&unit| project.unit(unit).name.as_str()).collect();
        names.into_iter().filter(|&name| name != "Stdlib").collect::<Vec<_>>().join(", ")
    };
    let missing = list(recorded.iter().copied().filter(|to| !links.contains_key(to)).collect());
    let is_extra = |to: &UnitId| recorded.binary_search(to).is_err() && project.unit(*to).pack.is_none();
    let extra = list(links.keys().copied().filter(is_extra).collect());
    let message = match (missing.is_empty(), extra.is_empty()) {
        (true, true) => return None,
        (false, true) => {
            format!("unit {} links {missing}, says its archive; its source does not show why", source.name)
        }
        (true, false) => {
            format!("the source of {} names {extra}; its archive says that it is not linked", source.name)
        }
        (false, false) => {
            format!(
                "unit {} links {missing}, says its archive, and not {extra} as its source reads",
                source.name
            )
        }
    };
    let file = source.implementation().map(|file| project.file(file).shown.clone());
    let problem = Problem::new(Severity::Note, Code::LinkMismatch, message)
        .help("the archive is right where it was built from this source; a rewriter or a type decides here");
    Some(match file {
        Some(file) => problem.at(file, None),
        None => problem,
    })
}

/// Adds the definitions and edges of a unit to the end of the graph. Returns its links, each with its first edge.
pub(super) fn unit_graph(
    graph: &mut Graph,
    unit: UnitId,
    refs: &UnitRefs,
    unit_defs: &UnitDefs,
    base: u32,
    global: &impl Fn(LocalId) -> Option<DefId>,
) -> BTreeMap<UnitId, u32> {
    let n_defs = unit_defs.defs.len();
    let mut by_def: Vec<Vec<usize>> = vec![Vec::new(); n_defs];
    for (index, edge) in refs.edges.iter().enumerate() {
        by_def[edge.from as usize].push(index);
    }
    let mut exported = vec![true; n_defs];
    refs.hidden.iter().for_each(|&number| exported[number as usize] = false);
    let mut sealed = vec![false; n_defs];
    refs.sealed.iter().for_each(|&number| sealed[number as usize] = true);
    let alias_of: FxHashMap<u32, _> = refs.alias_of.iter().copied().collect();
    let mut links = BTreeMap::new();
    for (number, def) in unit_defs.defs.iter().enumerate() {
        let start = graph.edges.len() as u32;
        for &index in &by_def[number] {
            let edge = &refs.edges[index];
            if edge.kind.links() && !edge.flags.through && edge.target.unit != unit {
                links.entry(edge.target.unit).or_insert(graph.edges.len() as u32);
            }
            graph.edges.push(Edge {
                from: DefId(base + edge.from),
                kind: edge.kind,
                target: edge.target,
                def: edge.def.and_then(global).into(),
                span: edge.span,
                flags: edge.flags.into(),
            });
        }
        graph.defs.push(Def {
            unit,
            path: def.path,
            kind: def.kind,
            nth: def.nth,
            file: def.file,
            span: def.span,
            name_span: def.name_span,
            item: def.item,
            parent: def.parent.map(|parent| DefId(base + parent)),
            in_functor: def.in_functor.map(|functor| DefId(base + functor)),
            runs: def.runs && def.in_functor.is_none(),
            shape: def.shape,
            exported: exported[number],
            sealed: sealed[number],
            alias_of: alias_of.get(&(number as u32)).copied(),
            ghost: def.is_derived,
            edges: start..graph.edges.len() as u32,
        });
    }
    graph.unresolved.extend(refs.unresolved.iter().cloned());
    links
}
