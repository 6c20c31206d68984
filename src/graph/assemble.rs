//! From what the references of units mean to the graph: numbers definitions and edges.
//!
//! Each unit's part is made by itself, on all threads; the parts come into the graph in the order of the units.

use super::analyse::Archives;
use super::model::{Def, Edge, Graph};
use super::tasks::{Results, recorded_links};
use crate::base::{Code, DefId, Idx, Problem, Severity, UnitId};
use crate::project::{Project, UnitSource};
use crate::resolve::{About, LocalId, UnitDefs, UnitRefs, Unresolved};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// So many units are there twice, as what their references mean and in parts, at most: that would be the peak of memory.
const STRIDE: usize = 64;

/// Numbers what was resolved.
pub(super) fn assemble(
    project: &Project,
    results: Results,
    defs: &[Option<Arc<UnitDefs>>],
    archives: Archives,
    problems: &mut Vec<(About, Problem)>,
) -> Graph {
    let mut results: Vec<Option<UnitRefs>> = results.into_iter().map(OnceLock::into_inner).collect();
    let mut graph = Graph::default();
    let mut places: Vec<Option<Place>> = Vec::with_capacity(results.len());
    let (mut next_def, mut next_edge) = (0, 0);
    for (refs, unit_defs) in results.iter().zip(defs) {
        let start = next_def;
        places.push(refs.as_ref().zip(unit_defs.as_ref()).map(|(refs, unit_defs)| {
            next_def += unit_defs.defs.len() as u32;
            let edge = next_edge;
            next_edge += refs.edges.len() as u32;
            Place { def: start, edge }
        }));
        graph.defs_of_unit.push(start..next_def);
    }
    graph.defs.reserve_exact(next_def as usize);
    graph.edges.reserve_exact(next_edge as usize);
    let global = |(unit, number): LocalId| Some(DefId(places[unit.idx()]?.def + number));
    let part = |(unit, refs): (UnitId, &mut Option<UnitRefs>)| {
        let refs = refs.take()?;
        let mut part = match (&defs[unit.idx()], places[unit.idx()]) {
            (Some(unit_defs), Some(place)) => Part::new(unit, &refs, unit_defs, place, &global),
            _ => Part::default(),
        };
        part.row = row(project, unit, &part.links, archives, &mut part.problems);
        part.unresolved = refs.unresolved;
        Some(part)
    };
    for (nth, results) in results.chunks_mut(STRIDE).enumerate() {
        let units = results.par_iter_mut().enumerate();
        let units = units.map(|(i, refs)| (UnitId::new(nth * STRIDE + i), refs));
        let parts: Vec<Option<Part>> = units.map(part).collect();
        for part in parts {
            let part = part.unwrap_or_default();
            let about = About::Unit(UnitId::new(graph.units.links.len()));
            graph.defs.extend(part.defs);
            graph.edges.extend(part.edges);
            graph.units.links.push(part.row);
            graph.unresolved.extend(part.unresolved);
            problems.extend(part.problems.into_iter().map(|problem| (about, problem)));
        }
    }
    let packs = (0..project.units.len()).map(UnitId::new);
    graph.units.packs = packs.filter_map(|unit| Some((unit, project.unit(unit).pack?))).collect();
    graph
}

/// Where the first definition and the first edge of a unit stand in the graph.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) def: u32,
    pub(super) edge: u32,
}

/// What one unit adds to the graph.
#[derive(Default)]
pub(super) struct Part {
    pub(super) defs: Vec<Def>,
    pub(super) edges: Vec<Edge>,
    /// The units that references ask for, each with the first edge that does.
    pub(super) links: BTreeMap<UnitId, u32>,
    row: Vec<(UnitId, Option<u32>)>,
    unresolved: Vec<Unresolved>,
    problems: Vec<Problem>,
}

impl Part {
    /// Numbers the definitions and edges of a unit.
    pub(super) fn new(
        unit: UnitId,
        refs: &UnitRefs,
        unit_defs: &UnitDefs,
        place: Place,
        global: &impl Fn(LocalId) -> Option<DefId>,
    ) -> Part {
        let n_defs = unit_defs.defs.len();
        let mut exported = vec![true; n_defs];
        refs.hidden.iter().for_each(|&number| exported[number as usize] = false);
        let mut sealed = vec![false; n_defs];
        refs.sealed.iter().for_each(|&number| sealed[number as usize] = true);
        let alias_of: FxHashMap<u32, _> = refs.alias_of.iter().copied().collect();
        let mut part = Part {
            defs: Vec::with_capacity(n_defs),
            edges: Vec::with_capacity(refs.edges.len()),
            ..Part::default()
        };
        let mut last_linked = None;
        for edge in refs.edges.iter() {
            let to = edge.target.unit;
            // Mostly one reference to a unit comes after another.
            if edge.kind.links() && !edge.flags.get().through && to != unit && last_linked != Some(to) {
                last_linked = Some(to);
                part.links.entry(to).or_insert(place.edge + part.edges.len() as u32);
            }
            part.edges.push(Edge {
                from: DefId(place.def + edge.from),
                kind: edge.kind,
                target: edge.target,
                def: edge.def.get().and_then(global).into(),
                span: edge.span,
                flags: edge.flags,
            });
        }
        let mut n_before = 0;
        for (number, def) in (0u32..).zip(&unit_defs.defs) {
            let last = DefId(place.def + number);
            let n_own = part.edges[n_before..].partition_point(|edge| edge.from <= last);
            let start = place.edge + n_before as u32;
            n_before += n_own;
            part.defs.push(Def {
                unit,
                path: def.path,
                kind: def.kind,
                nth: def.nth,
                file: def.file,
                span: def.span,
                name_span: def.name_span,
                item: def.item,
                parent: def.parent.map(|parent| DefId(place.def + parent)),
                in_functor: def.in_functor.map(|functor| DefId(place.def + functor)),
                runs: def.runs && def.in_functor.is_none(),
                shape: def.shape,
                exported: exported[number as usize],
                sealed: sealed[number as usize],
                alias_of: alias_of.get(&number).copied(),
                ghost: def.is_derived,
                edges: start..start + n_own as u32,
            });
        }
        part
    }
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
            format!(
                "unit {} links {missing}, says what was built of it; its source does not show why",
                source.name
            )
        }
        (true, false) => {
            format!(
                "the source of {} names {extra}; what was built of it says that it is not linked",
                source.name
            )
        }
        (false, false) => {
            format!(
                "unit {} links {missing}, says what was built of it, and not {extra} as its source reads",
                source.name
            )
        }
    };
    let file = source.implementation().map(|file| project.file(file).shown.clone());
    let problem = Problem::new(Severity::Note, Code::LinkMismatch, message)
        .help("what was built is right where it is of this source; a rewriter or a type decides here");
    Some(match file {
        Some(file) => problem.at(file, None),
        None => problem,
    })
}
