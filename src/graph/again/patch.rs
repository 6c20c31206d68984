//! Definitions and edges of what was resolved take the place of the old ones.

use super::{Kept, Update};
use crate::base::{DefId, Idx, UnitId};
use crate::graph::analyse::Analysis;
use crate::graph::assemble::{Part, Place, row};
use crate::graph::model::Graph;
use crate::graph::tasks::Results;
use crate::project::Project;
use crate::resolve::{About, LocalId, space_of};
use rustc_hash::FxHashMap;

impl Kept {
    /// Replaces the definitions and edges of some units.
    pub(super) fn patch(
        &mut self,
        project: &Project,
        analysis: &mut Analysis,
        results: &Results,
        units: Vec<UnitId>,
    ) -> Update {
        let graph = &mut analysis.graph;
        let defs = &self.read.defs;
        let mut update = Update::default();
        let mut moved: Vec<Option<Option<DefId>>> = Vec::new();
        let mut n_new = graph.defs.len() as u32;
        let mut bases: Vec<(u32, bool)> = Vec::new();
        for &unit in &units {
            let old = graph.defs_of_unit[unit.idx()].clone();
            let old_defs = graph.defs[old.start as usize..old.end as usize].to_vec();
            let new = defs[unit.idx()].as_ref().map_or(&[][..], |defs| &defs.defs);
            let is_same = old_defs.len() == new.len()
                && old_defs.iter().zip(new).all(|(old, new)| {
                    space_of(old.kind) == space_of(new.kind) && old.path == new.path && old.nth == new.nth
                });
            let base = if is_same { old.start } else { n_new };
            if !is_same {
                let mut ids: FxHashMap<_, Vec<DefId>> = FxHashMap::default();
                for (number, def) in (base..).zip(new) {
                    ids.entry((space_of(def.kind), def.path)).or_default().push(DefId(number));
                }
                let mut seen: FxHashMap<_, usize> = FxHashMap::default();
                moved.resize(graph.defs.len(), None);
                for (number, def) in (old.start..).zip(&old_defs) {
                    let key = (space_of(def.kind), def.path);
                    let nth = seen.entry(key).or_default();
                    moved[number as usize] = Some(ids.get(&key).and_then(|ids| ids.get(*nth)).copied());
                    *nth += 1;
                }
                n_new += new.len() as u32;
            }
            graph.defs_of_unit[unit.idx()] = base..base + new.len() as u32;
            bases.push((base, is_same));
            self.n_dead_edges += old_defs.iter().map(|def| def.edges.len()).sum::<usize>();
            for def in &mut graph.defs[old.start as usize..old.end as usize] {
                def.edges = 0..0;
                def.ghost = true;
                def.parent = None;
                def.in_functor = None;
            }
            let facts =
                project.unit(unit).implementation().and_then(|file| analysis.facts[file.idx()].clone());
            update.before.push((old_defs, facts));
        }
        if !moved.is_empty() {
            for edge in &mut graph.edges {
                if let Some(def) = edge.def.get()
                    && let Some(Some(to)) = moved.get(def.idx())
                {
                    edge.def = (*to).into();
                }
            }
        }
        let starts: Vec<Option<u32>> = graph
            .defs_of_unit
            .iter()
            .enumerate()
            .map(|(unit, range)| {
                (results[unit].get().is_some() || self.mentioned[unit].is_some()).then_some(range.start)
            })
            .collect();
        let global = |(unit, number): LocalId| Some(DefId(starts[unit.idx()]? + number));
        for (&unit, (base, is_same)) in units.iter().zip(bases) {
            let Some(refs) = results[unit.idx()].get() else { continue };
            let start = graph.unresolved.partition_point(|unresolved| unresolved.unit < unit);
            let end = graph.unresolved.partition_point(|unresolved| unresolved.unit <= unit);
            graph.unresolved.splice(start..end, refs.unresolved.iter().cloned());
            let place = Place { def: base, edge: graph.edges.len() as u32 };
            let part = match &defs[unit.idx()] {
                Some(unit_defs) => Part::new(unit, refs, unit_defs, place, &global),
                None => Part::default(),
            };
            graph.edges.extend(part.edges);
            if is_same {
                graph.defs[base as usize..].iter_mut().zip(part.defs).for_each(|(slot, def)| *slot = def);
            } else {
                graph.defs.extend(part.defs);
            }
            let mut problems = Vec::new();
            let row = row(project, unit, &part.links, self.archives, &mut problems);
            self.read.problems.extend(problems.into_iter().map(|problem| (About::Unit(unit), problem)));
            let old_row = std::mem::replace(&mut graph.units.links[unit.idx()], row);
            let new_row = &graph.units.links[unit.idx()];
            update.has_new_links |= !old_row.iter().map(|(to, _)| to).eq(new_row.iter().map(|(to, _)| to));
        }
        update.units = units;
        update
    }
}

/// Drops what is left of replaced definitions and edges. Returns the new id of each old definition.
pub(super) fn squeeze(graph: &mut Graph) -> Vec<Option<DefId>> {
    let mut ids = vec![None; graph.defs.len()];
    let mut next = 0;
    for range in &graph.defs_of_unit {
        for old in range.clone() {
            ids[old as usize] = Some(DefId(next));
            next += 1;
        }
    }
    let mut defs = Vec::with_capacity(next as usize);
    let mut edges = Vec::with_capacity(graph.edges.len());
    let mut edge_ids = vec![u32::MAX; graph.edges.len()];
    for range in &mut graph.defs_of_unit {
        let start = defs.len() as u32;
        for old in range.clone() {
            let mut def = graph.defs[old as usize].clone();
            let first = edges.len() as u32;
            for index in def.edges.clone() {
                let mut edge = graph.edges[index as usize];
                edge.from = DefId(defs.len() as u32);
                edge.def = edge.def.get().and_then(|def| ids[def.idx()]).into();
                edge_ids[index as usize] = edges.len() as u32;
                edges.push(edge);
            }
            def.edges = first..edges.len() as u32;
            def.parent = def.parent.and_then(|def| ids[def.idx()]);
            def.in_functor = def.in_functor.and_then(|def| ids[def.idx()]);
            defs.push(def);
        }
        *range = start..defs.len() as u32;
    }
    for (_, edge) in graph.units.links.iter_mut().flatten() {
        *edge = edge.map(|edge| edge_ids[edge as usize]).filter(|&edge| edge != u32::MAX);
    }
    graph.defs = defs;
    graph.edges = edges;
    ids
}
