//! Who may see what has changed: units that name the one that changed, by the words of their texts.

use super::Kept;
use crate::base::{FileId, IdSet, Idx, Name, UnitId, name};
use crate::graph::model::Graph;
use crate::parse::ItemKind;
use crate::project::{Project, UnitSource};
use crate::resolve::{Difference, File};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

impl Kept {
    /// Adds the units that may see a difference of another one.
    pub(super) fn reach(
        &self,
        project: &Project,
        users: &[Vec<UnitId>],
        unit: UnitId,
        difference: &Difference,
        found: &mut IdSet<UnitId>,
    ) {
        let names = match difference {
            Difference::None => return,
            Difference::Names(names) => Some(names),
            Difference::Any => None,
        };
        let near = closure(users, &[unit]);
        let is_resolved = |unit: &UnitId| self.mentioned[unit.idx()].is_some();
        let Some(names) = names else {
            found.extend(near.iter().filter(is_resolved));
            return;
        };
        let mut showing: Vec<UnitId> = Vec::new();
        for user in near.iter().filter(|&user| user != unit && is_resolved(&user)) {
            let copies = self.copied[user.idx()].contains(&unit);
            let has_name = names.iter().any(|name| self.words[user.idx()].contains(name));
            if copies || has_name {
                found.insert(user);
            }
            if copies || has_name && self.shows(project, user, names) {
                showing.push(user);
            }
        }
        found.extend(closure(users, &showing).iter().filter(is_resolved));
    }

    /// Whether one of some names stands where others may see what it means.
    fn shows(&self, project: &Project, unit: UnitId, names: &FxHashSet<Name>) -> bool {
        let source = project.unit(unit);
        let files = [source.implementation(), source.interface()].into_iter().flatten();
        files.filter_map(|file| self.read.files[file.idx()].as_ref()).any(|file| {
            let facts = &file.facts;
            let mut is_body = vec![false; facts.refs.len()];
            for item in &facts.items {
                if matches!(item.kind, ItemKind::Value { ident: None, .. } | ItemKind::Eval) {
                    is_body[item.refs.start as usize..item.refs.end as usize].fill(true);
                }
            }
            facts.refs.iter().zip(&is_body).any(|(reference, &is_body)| {
                !is_body && facts.names(reference.path).iter().any(|name| names.contains(name))
            })
        })
    }
}

/// All names by which somebody may write a unit: its own, and those that aliases made by the build give it.
pub(super) fn names_of_units(project: &Project) -> FxHashMap<Name, Vec<UnitId>> {
    let mut by_linker_name: FxHashMap<Name, Vec<UnitId>> = FxHashMap::default();
    for (unit, source) in project.units.iter().enumerate() {
        by_linker_name.entry(source.name).or_default().push(UnitId::new(unit));
    }
    let mut by_name = by_linker_name.clone();
    for source in &project.units {
        if let UnitSource::Generated(generated) = &source.source {
            for (alias, linker_name) in &generated.aliases {
                let units = by_linker_name.get(linker_name).cloned().unwrap_or_default();
                by_name.entry(*alias).or_default().extend(units);
            }
        }
    }
    by_name
}

/// Some units and all that `next` leads to from them; where that has the users of each unit, all that name them.
pub(super) fn closure(next: &[Vec<UnitId>], units: &[UnitId]) -> IdSet<UnitId> {
    let mut found: IdSet<UnitId> = units.iter().copied().collect();
    let mut todo = units.to_vec();
    while let Some(unit) = todo.pop() {
        for &unit in &next[unit.idx()] {
            if found.insert(unit) {
                todo.push(unit);
            }
        }
    }
    found
}

/// The units whose names stand in the text of one or that are opened for it, and all names that stand there.
pub(super) fn named_in(
    project: &Project,
    by_name: &FxHashMap<Name, Vec<UnitId>>,
    unit: UnitId,
    file: impl Fn(FileId) -> Option<Arc<File>>,
) -> (Vec<UnitId>, FxHashSet<Name>) {
    let source = project.unit(unit);
    let mut words: FxHashSet<Name> = FxHashSet::default();
    for id in [source.implementation(), source.interface()].into_iter().flatten() {
        words.extend(file(id).iter().flat_map(|file| file.facts.names.iter().copied()));
    }
    let mut named: Vec<UnitId> = Vec::new();
    let mut add = |name: Name| named.extend(by_name.get(&name).into_iter().flatten());
    let is_upper = |name: &&Name| name.starts_with(|c: char| c.is_uppercase() || !c.is_ascii());
    words.iter().filter(is_upper).for_each(|&name| add(name));
    for open in &source.opens {
        open.split('.').for_each(|part| add(name(part)));
    }
    named.sort_unstable();
    named.dedup();
    named.retain(|&other| other != unit);
    (named, words)
}

/// The units of which one takes all, or a module, as a whole.
pub(super) fn copied(graph: &Graph, user: UnitId) -> Vec<UnitId> {
    let mut units: Vec<UnitId> = Vec::new();
    for edge in graph.unit_defs(user).flat_map(|def| graph.edges_of(def)) {
        let flags = edge.flags;
        if flags.get().whole || flags.get().include || flags.get().coercion || flags.get().export {
            units.push(edge.target.unit);
            units.extend(edge.def.get().map(|def| graph.def(def).unit));
        }
    }
    units.sort_unstable();
    units.dedup();
    units
}
