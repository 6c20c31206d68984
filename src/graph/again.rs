//! The graph again after some files have changed: only what the change reaches is resolved anew.
//!
//! 1. [`Kept::update`] reads each changed file and resolves its unit, with all other files as they were. That is quick.
//! 2. [`Kept::catch_up`] tells the others, some at a time: it compares each changed file with what it was, as others see it
//!    (`resolve::surface`). Where that differs, units that may see the difference are looked for among those that name the
//!    file's unit, directly or through others: those that contain one of the names that changed, or that copy the whole unit.
//!    Where such a unit shows on what it sees, all that name it in turn are taken, and where names do not tell, all that name
//!    the first. The units found are resolved again.
//! 3. Definitions and edges of what was resolved replace the old ones. Ids of other units stay; a unit whose list of definitions changed gets
//!    new ids at the end. What is left behind is squeezed out when it is half of all.
//!
//! Names are looked for in the whole text of a file, so too many units may be taken, never too few: once nothing is left to
//! catch up with, the result is that of [`analyse`](super::analyse) on the same texts, but for ids and for units that nothing
//! links any more.

use super::analyse::{
    Analysis, Archives, Read, Wanted, all_own_units, assembled, mentioned_in, resolve_wanted, set_own_units,
};
use super::assemble::{Part, Place, row};
use super::model::{Def, Graph};
use super::tasks::{Results, resolve_units};
use crate::base::{DefId, FileId, IdSet, Idx, Name, Problem, Span, UnitId, name};
use crate::parse::{FileFacts, ItemKind};
use crate::project::{Project, UnitSource};
use crate::resolve::{
    About, Difference, Evaluator, File, LocalId, Parts, Texts, World, space_of, through_opens,
};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is kept of one analysis for the next.
pub struct Kept {
    archives: Archives,
    /// The own units of each program as the project gives them.
    given: Vec<Vec<UnitId>>,
    read: Read,
    /// For each unit, those that it names by their own name; none for units that are not resolved.
    mentioned: Vec<Option<Vec<UnitId>>>,
    /// Units by the names that people write for them.
    by_name: FxHashMap<Name, Vec<UnitId>>,
    /// For each unit, the units whose names stand in its text.
    named: Vec<Vec<UnitId>>,
    /// For each unit, all names that stand in its text.
    words: Vec<FxHashSet<Name>>,
    /// For each unit, those of which it takes all or a module as a whole.
    copied: Vec<Vec<UnitId>>,
    n_dead_edges: usize,
    /// Changed files that others have not been told of, each as they know it.
    untold: BTreeMap<FileId, Option<Arc<File>>>,
    /// Units that may see a change, and are to be resolved.
    waiting: BTreeSet<UnitId>,
}

/// What an update did.
#[derive(Debug, Default)]
pub struct Update {
    /// The units that were resolved, sorted.
    pub units: Vec<UnitId>,
    /// For each of them, in order, its definitions as they were, and the facts that they point to.
    pub before: Vec<(Vec<Def>, Option<Arc<FileFacts>>)>,
    /// Whether some unit records other units than before, or a program has other units of its own.
    pub has_new_links: bool,
    /// Where ids were squeezed: for each old definition, the new id.
    pub renumbered: Option<Vec<Option<DefId>>>,
}

/// For the span of a reference, the span of the opened path that provides its first name.
pub type Opened = FxHashMap<Span, Span>;

/// Resolves what the programs reach, and keeps what later updates need.
pub fn analyse_kept(project: &mut Project, texts: &dyn Texts, archives: Archives) -> (Analysis, Kept) {
    let given = project.programs.iter().map(|program| program.own_units.clone()).collect();
    let world = World::again(project, texts, Vec::new(), Vec::new());
    let results = resolve_wanted(&world, &Wanted::Programs, archives, None);
    let parts = world.into_parts();
    let own_units = all_own_units(project, &|unit| mentioned_in(&results, unit));
    let mentioned = results.iter().map(|refs| refs.get().map(|refs| refs.mentioned.clone())).collect();
    let (analysis, read) = assembled(project, results, parts, archives);
    set_own_units(project, own_units);
    let by_name = names_of_units(project);
    let mut kept = Kept {
        archives,
        given,
        read,
        mentioned,
        by_name,
        named: Vec::new(),
        words: Vec::new(),
        copied: Vec::new(),
        n_dead_edges: 0,
        untold: BTreeMap::new(),
        waiting: BTreeSet::new(),
    };
    let units = || (0..project.units.len()).into_par_iter().map(UnitId::new);
    (kept.named, kept.words) = units().map(|unit| kept.named_in(project, unit)).unzip();
    kept.copied = units().map(|unit| copied(&analysis.graph, unit)).collect();
    (analysis, kept)
}

/// All names by which somebody may write a unit: its own, and those that aliases made by the build give it.
fn names_of_units(project: &Project) -> FxHashMap<Name, Vec<UnitId>> {
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

impl Kept {
    /// Reads changed files again and resolves their units; what others see of them is left to [`Kept::catch_up`].
    pub fn update(
        &mut self,
        project: &mut Project,
        texts: &dyn Texts,
        changed: &[FileId],
        analysis: &mut Analysis,
    ) -> Update {
        let mut files: Vec<FileId> = Vec::new();
        let mut roots: BTreeSet<UnitId> = BTreeSet::new();
        for &file in changed {
            let unit = project.file(file).unit;
            // A file that nobody has asked for is read when somebody does.
            if self.read.files[file.idx()].is_none() && self.mentioned[unit.idx()].is_none() {
                continue;
            }
            files.push(file);
            let before = self.read.files[file.idx()].take();
            self.untold.entry(file).or_insert(before);
            self.read.defs[unit.idx()] = None;
            if self.mentioned[unit.idx()].is_some() {
                roots.insert(unit);
            }
        }
        self.resolve(project, texts, analysis, &files, roots)
    }

    /// Whether others are still to be told of a change.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.untold.is_empty() || !self.waiting.is_empty()
    }

    /// Resolves some of the units that may see what has changed; nothing when there are none left.
    pub fn catch_up(
        &mut self,
        project: &mut Project,
        texts: &dyn Texts,
        analysis: &mut Analysis,
        at_most: usize,
    ) -> Option<Update> {
        let untold = std::mem::take(&mut self.untold);
        if !untold.is_empty() {
            let mut users: Vec<Vec<UnitId>> = vec![Vec::new(); project.units.len()];
            for (user, named) in self.named.iter().enumerate() {
                named.iter().for_each(|named| users[named.idx()].push(UnitId::new(user)));
            }
            let mut found: IdSet<UnitId> = IdSet::default();
            for (file, before) in untold {
                let difference = match (&before, &self.read.files[file.idx()]) {
                    (Some(before), Some(after)) => match (&before.surface, &after.surface) {
                        (Some(before), Some(after)) => before.difference(after),
                        _ => Difference::Any,
                    },
                    (None, None) => Difference::None,
                    _ => Difference::Any,
                };
                self.reach(project, &users, project.file(file).unit, &difference, &mut found);
            }
            self.waiting.extend(found.iter());
        }
        let roots: BTreeSet<UnitId> = self.waiting.iter().copied().take(at_most.max(1)).collect();
        self.waiting.retain(|unit| !roots.contains(unit));
        if roots.is_empty() { None } else { Some(self.resolve(project, texts, analysis, &[], roots)) }
    }

    /// Resolves some units again, some of whose files have changed, and those that they link now and nobody has resolved.
    fn resolve(
        &mut self,
        project: &mut Project,
        texts: &dyn Texts,
        analysis: &mut Analysis,
        changed: &[FileId],
        roots: BTreeSet<UnitId>,
    ) -> Update {
        let read = std::mem::take(&mut self.read);
        let world = World::again(project, texts, read.files, read.defs);
        for &file in changed {
            let unit = project.file(file).unit;
            (self.named[unit.idx()], self.words[unit.idx()]) =
                named_in(project, &self.by_name, unit, |file| world.file(file).cloned());
        }
        let is_known = |unit: UnitId| self.mentioned[unit.idx()].is_some() && !roots.contains(&unit);
        let list: Vec<UnitId> = roots.iter().copied().collect();
        let results = resolve_units(&world, &list, true, self.archives, None, is_known);
        let Parts { files, defs, problems: found } = world.into_parts();
        let units: Vec<UnitId> = (0..project.units.len())
            .map(UnitId::new)
            .filter(|unit| results[unit.idx()].get().is_some())
            .collect();
        // What is wrong with what was read and resolved now is found now.
        let mut problems = read.problems;
        problems.retain(|(about, _)| match about {
            About::File(file) => !changed.contains(file),
            About::Unit(unit) => units.binary_search(unit).is_err(),
        });
        problems.extend(found);
        self.read = Read { files, defs, problems };
        let mut update = self.patch(project, analysis, &results, units);
        for (unit, refs) in results.into_iter().enumerate() {
            if let Some(refs) = refs.into_inner() {
                if self.mentioned[unit].is_none() {
                    (self.named[unit], self.words[unit]) = self.named_in(project, UnitId::new(unit));
                }
                self.mentioned[unit] = Some(refs.mentioned);
                self.copied[unit] = copied(&analysis.graph, UnitId::new(unit));
            }
        }
        for (slot, file) in analysis.facts.iter_mut().zip(&self.read.files) {
            match (&*slot, file) {
                (Some(known), Some(file)) if Arc::ptr_eq(known, &file.facts) => {}
                _ => *slot = file.as_ref().map(|file| file.facts.clone()),
            }
        }
        let before: Vec<Vec<UnitId>> =
            project.programs.iter().map(|program| program.own_units.clone()).collect();
        set_own_units(project, self.given.clone());
        let own = all_own_units(project, &|unit| self.mentioned[unit.idx()].as_deref().unwrap_or_default());
        update.has_new_links |= own != before;
        set_own_units(project, own);
        if self.n_dead_edges * 2 > analysis.graph.edges.len() {
            update.renumbered = Some(squeeze(&mut analysis.graph));
            self.n_dead_edges = 0;
        }
        update
    }

    /// Returns which opens provide the names of a file.
    #[must_use]
    pub fn opened(&self, project: &Project, texts: &dyn Texts, file: FileId) -> Opened {
        let world = World::again(project, texts, self.read.files.clone(), self.read.defs.clone());
        through_opens(&mut Evaluator::new(&world), file)
    }

    /// What is wrong with the references of some units, and with files that were read for them; they may not need all of those
    /// files any more.
    pub fn problems(&self, project: &Project, units: &IdSet<UnitId>) -> Vec<Problem> {
        // Files that were read for others alone are those of units that none of these names, directly or through others.
        let near = closure(&self.named, &units.iter().collect::<Vec<_>>());
        let is_asked = |about: About| match about {
            About::File(file) => near.contains(project.file(file).unit),
            About::Unit(unit) => units.contains(unit),
        };
        let asked = self.read.problems.iter().filter(|(about, _)| is_asked(*about));
        asked.map(|(_, problem)| problem.clone()).collect()
    }

    /// Whether a unit was resolved.
    #[must_use]
    pub fn is_resolved(&self, unit: UnitId) -> bool {
        self.mentioned.get(unit.idx()).is_some_and(Option::is_some)
    }

    fn named_in(&self, project: &Project, unit: UnitId) -> (Vec<UnitId>, FxHashSet<Name>) {
        named_in(project, &self.by_name, unit, |file| self.read.files[file.idx()].clone())
    }

    /// Adds the units that may see a difference of another one.
    fn reach(
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

    /// Replaces the definitions and edges of some units.
    fn patch(
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

/// Some units and all that `next` leads to from them; where that has the users of each unit, all that name them.
fn closure(next: &[Vec<UnitId>], units: &[UnitId]) -> IdSet<UnitId> {
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
fn named_in(
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
fn copied(graph: &Graph, user: UnitId) -> Vec<UnitId> {
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

/// Drops what is left of replaced definitions and edges. Returns the new id of each old definition.
fn squeeze(graph: &mut Graph) -> Vec<Option<DefId>> {
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
