//! Evaluation of module expressions and signatures, on demand and without types.
//!
//! A [`Module`] is an address and a signature. The address says how code reaches the module after the rewriting that the
//! compiler does: an alias that is only a name (*absent*) has the address of what it stands for, everything else is a
//! field of the module that holds it. `canon` follows every alias, as typing does: C externals are linked through it.
//!
//! A signature is a pointer to the text that spells it out (a structure or signature of some file) with an environment
//! that says what the functor parameters around it stand for, and at which address the structure itself is seen.
//! Nothing is expanded: members are looked up when asked for.
//!
//! Why it ends: every step either moves to a smaller part of a text, or follows a path to another text; the number of
//! steps nested in each other is bounded, and what is deeper is unknown, with a reason. How many steps one unit may
//! take is bounded too: includes of includes can double at every level (`tally`).
//!
//! * `model`, `env`: its words, and what functor parameters stand for;
//! * `units`, `scopes`, `members`, `items`: where a name is found;
//! * `exprs`, `types`, `paths`, `enumerate`: what an expression, a type or a path is;
//! * `misses`: what is not found at length;
//! * `every`: all that a constructor or field may be;
//! * `recursive`: what may stand for a recursive module before it is there;
//! * `tally`: how far that may go.

mod enumerate;
mod env;
mod every;
mod exprs;
mod items;
mod members;
mod misses;
mod model;
mod paths;
mod recursive;
mod scopes;
mod tally;
mod types;
mod units;

pub(crate) use env::EMPTY;
pub(crate) use model::{Addr, Binding, Find, Found, Module, Reason, Sig};

use super::defs::UnitDefs;
use super::world::{File, World};
use crate::base::{FileId, Idx, LibraryId, Name, Span, UnitId};
use crate::parse::{ItemId, ModuleExprId};
use env::{EnvId, EnvNode, Frame};
use misses::Misses;
use model::{Inside, With};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;
use tally::{Cost, Tally};
use units::Opens;

type Hops = Arc<[UnitId]>;

/// What an evaluation went through: kept beside its result, so that who is told the result is told this as well.
struct Trail {
    /// Units whose alias tables were followed, in order.
    hops: Hops,
    /// Units that were named by their own name, each once.
    mentioned: Box<[UnitId]>,
    /// Files that were looked into, each once.
    read: Box<[FileId]>,
    cost: Cost,
}

/// How often a unit counts that is gone through again and again: more than includes around it can put others in its place.
const MAX_RUN: usize = 8;

/// Leaves out what says nothing: each alias in a chain of ten thousand goes through all that are behind it, in the same unit.
fn shorten(hops: &mut Vec<UnitId>) {
    let (mut last, mut n) = (None, 0);
    hops.retain(|&unit| {
        n = if last == Some(unit) { n + 1 } else { 1 };
        last = Some(unit);
        n <= MAX_RUN
    });
}

/// Ids that were met. The same ones come again and again: most of those are left out at once, the others go now and then.
pub(crate) struct Met<I> {
    ids: Vec<I>,
    /// How many may be there before it is looked for those that are there twice.
    limit: usize,
    /// By id, which list it was put on last.
    lists: Vec<u64>,
    /// The number of this list, and the highest one given.
    list: u64,
    n_lists: u64,
}

impl<I> Default for Met<I> {
    fn default() -> Self {
        Met { ids: Vec::new(), limit: 0, lists: Vec::new(), list: 1, n_lists: 1 }
    }
}

impl<I: Idx> Met<I> {
    /// Begins a new list. Returns the one before.
    fn begin(&mut self) -> (Vec<I>, u64) {
        self.n_lists += 1;
        (std::mem::take(&mut self.ids), std::mem::replace(&mut self.list, self.n_lists))
    }
    /// Goes back to the list before. Returns the one that ends, each id once, in order.
    fn end(&mut self, (ids, list): (Vec<I>, u64)) -> Box<[I]> {
        let met = self.once().into();
        (self.ids, self.list) = (ids, list);
        met
    }
    pub(crate) fn clear(&mut self) {
        self.begin();
    }
    fn add(&mut self, id: I) {
        let at = id.idx();
        if at >= self.lists.len() {
            self.lists.resize(at + 1, 0);
        }
        if self.lists[at] == self.list {
            return;
        }
        self.lists[at] = self.list;
        self.ids.push(id);
        if self.ids.len() > self.limit {
            self.limit = 64.max(self.once().len() * 2);
        }
    }
    fn add_all(&mut self, ids: &[I]) {
        ids.iter().for_each(|&id| self.add(id));
    }
    /// Returns the ids, each once, in order.
    pub(crate) fn once(&mut self) -> &[I] {
        self.ids.sort_unstable();
        self.ids.dedup();
        &self.ids
    }
}

/// The evaluator of one thread: memo tables over a shared [`World`].
pub(crate) struct Evaluator<'w> {
    pub(crate) world: &'w World<'w>,
    envs: Vec<EnvNode>,
    env_ids: FxHashMap<EnvNode, EnvId>,
    withs: Vec<With>,
    with_ids: FxHashMap<With, u32>,
    items: FxHashMap<(Inside, ItemId), ((Module, bool), Trail)>,
    expressions: FxHashMap<(FileId, ModuleExprId, EnvId), (Module, Trail)>,
    opened: FxHashMap<UnitId, (Arc<Opens>, Trail)>,
    misses: Misses,
    heads: FxHashMap<(LibraryId, Name), Option<UnitId>>,
    tally: Tally,
    /// The first reference that was not followed to its end, for lack of steps.
    given_up: Option<(FileId, Span)>,
    /// Units whose alias tables were followed since the list was last cleared.
    pub(crate) hops: Vec<UnitId>,
    /// Where those of the last component of the last path begin.
    pub(crate) hops_of_last: usize,
    /// How many hops the last plain name that was looked up owes to the open that brings it.
    n_opened: usize,
    /// Whether that component, if it is an alias, is one of a neighbour in the same unit.
    pub(crate) is_last_relative: bool,
    /// Whether the head of the last path is hidden from outside: it came by an `open struct`.
    pub(crate) is_head_hidden: bool,
    /// The same of the last name that was looked up.
    is_hidden: bool,
    /// Units named by their own name since the list was last cleared.
    pub(crate) mentioned: Met<UnitId>,
    /// Files that were looked into since the list was last cleared.
    read: RefCell<Met<FileId>>,
    /// Whether anybody asks for them.
    is_watched: bool,
}

impl<'w> Evaluator<'w> {
    pub(crate) fn new(world: &'w World<'w>) -> Self {
        let root = EnvNode { parent: EMPTY, depth: 0, frame: Frame::Root };
        Evaluator {
            world,
            envs: vec![root],
            env_ids: FxHashMap::default(),
            withs: Vec::new(),
            with_ids: FxHashMap::default(),
            items: FxHashMap::default(),
            expressions: FxHashMap::default(),
            opened: FxHashMap::default(),
            misses: Misses::default(),
            heads: FxHashMap::default(),
            tally: Tally::new(),
            given_up: None,
            hops: Vec::new(),
            hops_of_last: 0,
            n_opened: 0,
            is_last_relative: false,
            is_head_hidden: false,
            is_hidden: false,
            mentioned: Met::default(),
            read: RefCell::default(),
            is_watched: false,
        }
    }

    /// Begins with a unit that has so many references.
    pub(crate) fn begin(&mut self, n_references: usize) {
        self.tally.begin(n_references);
        self.given_up = None;
    }

    /// Notes that a reference was followed. Where the steps of this unit are used up, it is to be said at which.
    pub(crate) fn followed(&mut self, file: FileId, at: Span) {
        if self.tally.is_exhausted() && self.given_up.is_none() {
            self.given_up = Some((file, at));
        }
    }

    /// Returns the first reference of this unit that was not followed to its end.
    pub(crate) fn given_up(&self) -> Option<(FileId, Span)> {
        self.given_up
    }

    /// Whether the steps of this unit were used up. From then on nothing is known.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.tally.is_exhausted()
    }

    /// Whether something of this unit may have been cut short: the memo tables are of no use then.
    pub(crate) fn is_cut(&self) -> bool {
        self.tally.is_cut()
    }

    /// Forgets what is known from other units, if anything is. Says whether that was needed.
    pub(crate) fn forget_others(&mut self) -> bool {
        let is_needed = self.tally.has_others();
        if is_needed {
            *self = Evaluator { is_watched: self.is_watched, ..Evaluator::new(self.world) };
        }
        is_needed
    }

    /// Evaluates something apart, and says what it went through.
    fn on_the_way<R>(&mut self, evaluate: impl FnOnce(&mut Self) -> R) -> (R, Trail) {
        let hops = std::mem::take(&mut self.hops);
        let mentioned = self.mentioned.begin();
        let read = self.read.get_mut().begin();
        let start = self.tally.start();
        let result = evaluate(self);
        let cost = self.tally.cost_since(&start);
        let mut hops = std::mem::replace(&mut self.hops, hops);
        shorten(&mut hops);
        let hops = hops.into();
        let mentioned = self.mentioned.end(mentioned);
        let read = self.read.get_mut().end(read);
        self.read.get_mut().add_all(&read);
        (result, Trail { hops, mentioned, read, cost })
    }

    /// Evaluates something that is not read: what it goes through does not count.
    pub(crate) fn aside<R>(&mut self, evaluate: impl FnOnce(&mut Self) -> R) -> R {
        self.on_the_way(evaluate).0
    }

    /// Looks into a file.
    pub(crate) fn file(&self, id: FileId) -> Option<&'w Arc<File>> {
        if self.is_watched {
            self.read.borrow_mut().add(id);
        }
        self.world.file(id)
    }

    /// Looks into the definitions of a unit.
    pub(crate) fn defs(&self, unit: UnitId) -> &'w Arc<UnitDefs> {
        if self.is_watched
            && let Some(file) = self.world.project.unit(unit).implementation()
        {
            self.read.borrow_mut().add(file);
        }
        self.world.defs(unit)
    }

    /// From now on, it is noted down which files are looked into.
    pub(crate) fn watch(mut self) -> Self {
        self.is_watched = true;
        self
    }

    /// From now on, [`Evaluator::files_read`] starts from nothing.
    pub(crate) fn forget_files_read(&mut self) {
        self.read.get_mut().clear();
    }

    /// Returns the files that were looked into, also by what was known already, each once.
    pub(crate) fn files_read(&mut self) -> &[FileId] {
        self.read.get_mut().once()
    }
}
