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
//!
//! | file | what it does |
//! | --- | --- |
//! | `reach` | who may see what has changed |
//! | `patch` | what was resolved takes the place of what was there |

mod patch;
mod reach;

use super::analyse::{
    Analysis, Archives, Read, Wanted, all_own_units, assembled, mentioned_in, resolve_wanted, set_own_units,
};
use super::model::Def;
use super::tasks::resolve_units;
use crate::base::{DefId, FileId, IdSet, Idx, Name, Problem, Span, UnitId};
use crate::parse::FileFacts;
use crate::project::Project;
use crate::resolve::{About, Difference, Evaluator, File, Parts, Texts, World, through_opens};
use patch::squeeze;
use rayon::prelude::*;
use reach::{closure, copied, named_in, names_of_units};
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
            project.forget_recorded(unit);
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
}
