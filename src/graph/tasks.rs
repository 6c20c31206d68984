//! Which units are resolved, and what is done next: files are read and units are resolved on all threads.
//!
//! A unit is resolved when something links it. Most urgent first:
//!
//! 1. units of which no archive says what they link: only their text tells what follows;
//! 2. files of other units, the longest first, so that no thread has a long one left when the others are done;
//! 3. units of which an archive says what they link. What they look at has been read by then: a thread that comes upon a
//!    file which another is reading has to wait for it.
//!
//! The result of a unit does not depend on the others, so neither order nor threads show in it.

use super::analyse::Archives;
use crate::base::{FileId, Idx, LibraryId, UnitId};
use crate::project::{Project, UnitSource};
use crate::resolve::{Earlier, Evaluator, UnitRefs, World, resolve_unit};
use rustc_hash::FxHashSet;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// What the units mean that were resolved, by [`UnitId`].
pub(super) type Results = Vec<OnceLock<UnitRefs>>;

/// Resolves some units, and on request what they make the linker take, but for what is known.
pub(super) fn resolve_units(
    world: &World,
    roots: &[UnitId],
    follow: bool,
    archives: Archives,
    earlier: Option<&Earlier<'_>>,
    is_known: impl Fn(UnitId) -> bool,
) -> Results {
    let project = world.project;
    let results: Results = (0..project.units.len()).map(|_| OnceLock::new()).collect();
    let tasks = Tasks {
        world,
        results: &results,
        started: (0..project.units.len()).map(|unit| AtomicBool::new(is_known(UnitId::new(unit)))).collect(),
        waiting: Mutex::default(),
        idle: Mutex::default(),
        own: project.programs.iter().map(|program| program.own).collect(),
        follow,
        archives,
        earlier,
    };
    rayon::scope(|scope| tasks.start(scope, roots.to_vec()));
    drop(tasks);
    results
}

/// One thing to do; of two, the greater is more urgent.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    Resolve(Reverse<UnitId>),
    Read(u64, Reverse<FileId>),
}

struct Tasks<'w> {
    world: &'w World<'w>,
    results: &'w Results,
    started: Vec<AtomicBool>,
    waiting: Mutex<BinaryHeap<Task>>,
    idle: Mutex<Vec<Evaluator<'w>>>,
    /// The libraries whose units are given by themselves: what they mention is wanted too.
    own: FxHashSet<LibraryId>,
    follow: bool,
    archives: Archives,
    earlier: Option<&'w Earlier<'w>>,
}

impl<'w> Tasks<'w> {
    /// Starts with units, and with all of which archives say that they follow.
    fn start<'s>(&'s self, scope: &rayon::Scope<'s>, mut units: Vec<UnitId>)
    where
        'w: 's,
    {
        let mut unknown = Vec::new();
        let mut n_done = 0;
        while let Some(&unit) = units.get(n_done) {
            n_done += 1;
            if self.started[unit.idx()].swap(true, Ordering::Relaxed) {
                continue;
            }
            let Some(recorded) = self.recorded(unit) else {
                unknown.push(unit);
                continue;
            };
            units.extend(recorded);
            let source = self.world.project.unit(unit);
            for file in [source.interface(), source.implementation()].into_iter().flatten() {
                if let Some(length) = self.world.unread_length(file) {
                    self.add(scope, Task::Read(length, Reverse(file)));
                }
            }
            self.add(scope, Task::Resolve(Reverse(unit)));
        }
        // Last, since a thread goes on with what it was given last. What a unit of the program's own leads to is resolved
        // by the same thread while it can be: it has at hand what the names around it mean.
        for unit in unknown {
            scope.spawn(move |scope| self.finish(scope, unit));
        }
    }

    /// Adds something to do, and lets a thread do what is most urgent by then.
    fn add<'s>(&'s self, scope: &rayon::Scope<'s>, task: Task)
    where
        'w: 's,
    {
        lock(&self.waiting).push(task);
        scope.spawn(move |scope| {
            let task = lock(&self.waiting).pop();
            match task.expect("there are as many tasks as there are turns") {
                Task::Read(_, Reverse(file)) => _ = self.world.file(file),
                Task::Resolve(Reverse(unit)) => self.finish(scope, unit),
            }
        });
    }

    fn finish<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId)
    where
        'w: 's,
    {
        let refs = self.known(unit).unwrap_or_else(|| self.resolve(unit));
        if self.follow {
            self.start(scope, self.next(unit, &refs));
        }
        self.results[unit.idx()].set(refs).expect("each unit is started once");
    }

    /// What an earlier run found. Reads the same files.
    fn known(&self, unit: UnitId) -> Option<UnitRefs> {
        let (refs, read) = self.earlier?.get(unit)?;
        read.into_iter().for_each(|file| _ = self.world.file(file));
        if self.world.project.unit(unit).implementation().is_some() {
            self.world.defs(unit);
        }
        Some(refs)
    }

    fn resolve(&self, unit: UnitId) -> UnitRefs {
        let idle = lock(&self.idle).pop();
        let new = || match self.earlier {
            Some(_) => Evaluator::new(self.world).watch(),
            None => Evaluator::new(self.world),
        };
        let mut eval = idle.unwrap_or_else(new);
        let refs = resolve_unit(&mut eval, unit);
        // Where that was cut short, it depends on more than texts.
        if !eval.is_exhausted() {
            if let Some(earlier) = self.earlier {
                earlier.put(unit, &refs, eval.files_read());
            }
            lock(&self.idle).push(eval);
        }
        refs
    }

    /// What follows from a unit that is resolved.
    fn next(&self, unit: UnitId, refs: &UnitRefs) -> Vec<UnitId> {
        let project = self.world.project;
        let named =
            || refs.edges.iter().filter(|edge| edge.kind.links()).map(|edge| edge.target.unit).collect();
        let mut next: Vec<UnitId> = self.recorded(unit).unwrap_or_else(named);
        if self.own.contains(&project.unit(unit).library) {
            let own = |named: &&UnitId| self.own.contains(&project.unit(**named).library);
            next.extend(refs.mentioned.iter().filter(own));
        }
        next.extend(next.iter().filter_map(|&used| project.unit(used).pack).collect::<Vec<_>>());
        next.extend(project.unit(unit).pack);
        next.extend(project.members(unit));
        next.sort();
        next.dedup();
        next
    }

    /// What follows from a unit as far as that is known before its text is.
    fn recorded(&self, unit: UnitId) -> Option<Vec<UnitId>> {
        match self.follow {
            true => recorded_links(self.world.project, unit, self.archives),
            false => Some(Vec::new()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the archive says that a unit links, where its word counts.
pub(super) fn recorded_links(project: &Project, unit: UnitId, archives: Archives) -> Option<Vec<UnitId>> {
    let source = project.unit(unit);
    let counts = archives == Archives::Trusted || matches!(source.source, UnitSource::Opaque { .. });
    let recorded = source.recorded.as_ref().filter(|_| counts)?;
    let mut units: Vec<UnitId> =
        recorded.iter().filter_map(|&name| project.visible_unit(source.library, name)).collect();
    units.retain(|&to| to != unit);
    units.sort();
    units.dedup();
    Some(units)
}
