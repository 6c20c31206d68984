//! Which units are resolved, and what is done next: files are read and units are resolved on all threads.
//!
//! A unit is resolved when something links it. Files are read before that as far as anybody can tell which ones it takes, so
//! that no thread waits for what another is reading.
//!
//! The result of a unit does not depend on the others, so neither order nor threads show in it.

use super::ahead::Ahead;
use super::analyse::Archives;
use super::waiting::{Task, Waiting};
use crate::base::{FileId, Idx, LibraryId, UnitId};
use crate::project::{Project, UnitSource};
use crate::resolve::{Earlier, Evaluator, UnitRefs, World, resolve_unit};
use rustc_hash::FxHashSet;
use std::cmp::Reverse;
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
    let marks = || (0..project.units.len()).map(|_| AtomicBool::new(false)).collect();
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
        // Nobody waits for the only thread.
        ahead: (rayon::current_num_threads() > 1).then(|| Ahead::new(world)),
        looked: marks(),
        named: marks(),
        guessed: marks(),
    };
    rayon::scope(|scope| tasks.start(scope, roots.to_vec()));
    drop(tasks);
    results
}

struct Tasks<'w> {
    world: &'w World<'w>,
    results: &'w Results,
    started: Vec<AtomicBool>,
    waiting: Mutex<Waiting>,
    idle: Mutex<Vec<Evaluator<'w>>>,
    /// The libraries whose units are given by themselves: what they mention is wanted too.
    own: FxHashSet<LibraryId>,
    follow: bool,
    archives: Archives,
    earlier: Option<&'w Earlier<'w>>,
    ahead: Option<Ahead<'w>>,
    /// Units whose texts were looked through for what they name, by [`UnitId`].
    looked: Vec<AtomicBool>,
    /// Units that were named there.
    named: Vec<AtomicBool>,
    /// Units that were guessed to be linked.
    guessed: Vec<AtomicBool>,
}

impl<'w> Tasks<'w> {
    /// Starts with units, and with all of which archives say that they follow.
    fn start<'s>(&'s self, scope: &rayon::Scope<'s>, mut units: Vec<UnitId>)
    where
        'w: 's,
    {
        let mut n_done = 0;
        while let Some(&unit) = units.get(n_done) {
            n_done += 1;
            if self.started[unit.idx()].swap(true, Ordering::Relaxed) {
                continue;
            }
            let Some(recorded) = self.recorded(unit) else {
                self.add(scope, |waiting| waiting.unknown.push(unit));
                continue;
            };
            units.extend(recorded);
            for file in self.files_of(unit) {
                self.world.ask(file);
                self.add_file(scope, file);
            }
            // Its text may have been read before anybody knew that it is linked.
            self.look_ahead(scope, unit);
            self.add(scope, |waiting| waiting.known.push(Reverse(unit)));
        }
    }

    fn files_of(&self, unit: UnitId) -> impl Iterator<Item = FileId> {
        let source = self.world.project.unit(unit);
        [source.interface(), source.implementation()].into_iter().flatten()
    }

    /// Adds a file to read, unless some thread does so already. Says whether that was needed.
    fn add_file<'s>(&'s self, scope: &rayon::Scope<'s>, file: FileId) -> bool
    where
        'w: 's,
    {
        let length = self.world.unread_length(file);
        if let Some(length) = length {
            self.add(scope, |waiting| waiting.files.push((length, Reverse(file))));
        }
        length.is_some()
    }

    /// Adds something to do, and lets a thread do what is most urgent by then.
    fn add<'s>(&'s self, scope: &rayon::Scope<'s>, add: impl FnOnce(&mut Waiting))
    where
        'w: 's,
    {
        add(&mut lock(&self.waiting));
        scope.spawn(move |scope| {
            // A thread that had to wait may have done it.
            let task = lock(&self.waiting).next();
            task.into_iter().for_each(|task| self.run(scope, task));
        });
    }

    fn run<'s>(&'s self, scope: &rayon::Scope<'s>, task: Task)
    where
        'w: 's,
    {
        match task {
            Task::Guess(unit) => return self.guess(scope, unit),
            Task::Read(file) => {
                if self.world.read_ahead(file) {
                    self.look_ahead(scope, self.world.project.file(file).unit);
                }
            }
            Task::Follow(unit) => {
                let text = self.world.project.unit(unit).implementation();
                text.filter(|_| self.ahead.is_some()).map(|text| self.world.file(text));
                self.look_ahead(scope, unit).into_iter().for_each(|named| self.add_guess(scope, named));
                self.wait(scope, unit);
                self.finish(scope, unit);
            }
            // What it names comes first, where that was not known.
            Task::Resolve(unit) if !self.look_ahead(scope, unit).is_empty() => {
                self.add(scope, |waiting| waiting.known.push(Reverse(unit)));
            }
            Task::Resolve(unit) => {
                self.wait(scope, unit);
                self.finish(scope, unit);
            }
        }
        lock(&self.waiting).n_running -= 1;
    }

    /// Reads other files while another thread reads one that is needed to begin with a unit.
    fn wait<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId)
    where
        'w: 's,
    {
        let Some(ahead) = &self.ahead else { return };
        let needed: Vec<FileId> = ahead.needed_by(unit);
        while needed.iter().any(|&file| self.world.is_being_read(file)) {
            let Some(task) = lock(&self.waiting).reading() else { return };
            self.run(scope, task);
        }
    }

    /// Adds the files that the text of a unit names, if it is to be resolved. Returns the units that were not named before.
    fn look_ahead<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId) -> Vec<UnitId>
    where
        'w: 's,
    {
        let Some(ahead) = &self.ahead else { return Vec::new() };
        let text = self.world.project.unit(unit).implementation().and_then(|text| self.world.peek(text));
        let is_resolved = self.started[unit.idx()].load(Ordering::Relaxed)
            && !self.earlier.is_some_and(|earlier| earlier.knows(unit));
        let Some(text) = text.filter(|_| is_resolved && is_first(&self.looked, unit)) else {
            return Vec::new();
        };
        let named = ahead.named_in(text).into_iter().filter(|&named| is_first(&self.named, named));
        let named: Vec<UnitId> = named.collect();
        for file in named.iter().filter_map(|&named| ahead.shown_by(named)) {
            self.add_file(scope, file);
        }
        named
    }

    fn add_guess<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId)
    where
        'w: 's,
    {
        if is_first(&self.guessed, unit) {
            self.add(scope, |waiting| waiting.guesses.push_back(unit));
        }
    }

    /// Reads what a unit and the units behind it need, if they are linked, while other threads find out whether they are.
    fn guess<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId)
    where
        'w: 's,
    {
        if !self.started[unit.idx()].load(Ordering::Relaxed) {
            self.files_of(unit).for_each(|file| _ = self.world.read_ahead(file));
            self.recorded(unit).into_iter().flatten().for_each(|behind| self.add_guess(scope, behind));
        }
    }

    fn finish<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId)
    where
        'w: 's,
    {
        let refs = self.known(scope, unit).unwrap_or_else(|| self.resolve(unit));
        if self.follow {
            self.start(scope, self.next(unit, &refs));
        }
        self.results[unit.idx()].set(refs).expect("each unit is started once");
    }

    /// What an earlier run found. The same files are read, on any thread: many units have looked into the same ones, and to
    /// wait for each other takes as long as to read.
    fn known<'s>(&'s self, scope: &rayon::Scope<'s>, unit: UnitId) -> Option<UnitRefs>
    where
        'w: 's,
    {
        let (refs, read) = self.earlier?.get(unit)?;
        for file in read {
            self.world.ask(file);
            if self.world.is_unread(file) {
                self.add(scope, |waiting| waiting.files.push((0, Reverse(file))));
            }
        }
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
        // Where that was given up, a problem says so each time.
        if let Some(earlier) = self.earlier.filter(|_| !eval.is_exhausted()) {
            earlier.put(unit, &refs, eval.files_read());
        }
        if !eval.is_cut() {
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

/// Marks a unit. Says whether it was not marked before.
fn is_first(marks: &[AtomicBool], unit: UnitId) -> bool {
    !marks[unit.idx()].swap(true, Ordering::Relaxed)
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
    let stand_ins: Vec<UnitId> =
        units.iter().flat_map(|&unit| project.stand_ins(source.library, unit)).copied().collect();
    units.extend(stand_ins);
    units.retain(|&to| to != unit);
    units.sort();
    units.dedup();
    Some(units)
}
