//! The counts of a program as it is: what each linked unit asks for, and the sums.

use crate::base::{Idx, Name, UnitId};
use crate::project::Project;
use crate::size::c_object::{Mergeable, Use};
use crate::size::c_side::CSide;
use crate::size::objects::Objects;
use crate::size::program::counted_in_units;
use crate::size::startup::{self, Arities};
use crate::size::{Anatomy, LinkMode, Sizes};
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::Hash;
use std::sync::Arc;

/// The counts of a program as it is.
#[derive(Clone, Debug)]
pub(super) struct Tally<'a> {
    pub(super) mode: LinkMode,
    pub(super) has_fibers: bool,
    pub(super) c: Arc<CSide>,
    /// The units in link order.
    pub(super) units: Vec<Counted>,
    /// For each unit of the project, its position in `units`, or [`NOWHERE`].
    pub(super) position: Vec<u32>,
    pub(super) sum: Anatomy,
    /// Shared functions.
    pub(super) functions: Anatomy,
    /// Bytes of the table of globals for units that are not linked.
    pub(super) unlinked: u64,
    pub(super) shares: u64,
    /// Length of all mergeable parts, and of those that are counted as the units' own.
    pub(super) merged: (u64, u64),
    pub(super) symbols: Table<Name, [u32; 6]>,
    pub(super) parts: Table<&'a Mergeable, u32>,
    pub(super) functions_for: Table<(Function, i64), u32>,
    pub(super) interfaces: Table<Name, Interface>,
}

const NOWHERE: u32 = u32::MAX;

/// What one unit adds.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) anatomy: Anatomy,
    pub(super) share: u64,
    pub(super) counted_merges: u64,
    /// Whether it is the first to ask for some C symbol: without it, C code is asked for in another order.
    pub(super) is_first: bool,
    pub(super) symbols: Vec<(u32, Use)>,
    pub(super) parts: Vec<u32>,
    pub(super) functions_for: Vec<u32>,
    pub(super) interfaces: Vec<(u32, bool)>,
    /// Its name among interfaces.
    pub(super) name: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Function {
    Apply,
    Curry,
    Send,
}

/// How many linked units were compiled against an interface, how many of them record its digest, and how many have its name.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Interface {
    pub(super) imports: u32,
    pub(super) digests: u32,
    pub(super) linked: u32,
}

impl Interface {
    /// What the table of globals has for it.
    pub(super) fn len(self, name: Name) -> u64 {
        let is_unlinked = self.imports > 0 && self.linked == 0;
        if is_unlinked { startup::unlinked_len(name.as_str(), self.digests > 0) } else { 0 }
    }
}

impl<'a> Tally<'a> {
    pub(super) fn new(
        project: &Project,
        sizes: &Sizes,
        objects: &'a Objects,
        linked: &[UnitId],
        c: Arc<CSide>,
        mode: LinkMode,
    ) -> Self {
        let mut tally = Tally {
            mode,
            has_fibers: objects.has_fibers(),
            c,
            units: Vec::with_capacity(linked.len()),
            position: vec![NOWHERE; project.units.len()],
            sum: Anatomy::default(),
            functions: Anatomy::default(),
            unlinked: 0,
            shares: 0,
            merged: (0, 0),
            symbols: Table::new(),
            parts: Table::new(),
            functions_for: Table::new(),
            interfaces: Table::new(),
        };
        let mut asked: FxHashSet<Name> = FxHashSet::default();
        let mut arities = Arities::default();
        for &unit in linked {
            tally.position[unit.idx()] = tally.units.len() as u32;
            let counted = tally.count(project, sizes, objects, unit, &mut asked);
            if let Some(link) = objects.link.get(unit.idx()).and_then(Option::as_ref) {
                arities.extend(link);
            }
            tally.sum += counted.anatomy;
            tally.shares += counted.share;
            tally.merged.1 += counted.counted_merges;
            tally.units.push(counted);
        }
        let interfaces = tally.interfaces.counts.iter().zip(&tally.interfaces.keys);
        tally.unlinked = interfaces.map(|(interface, &name)| interface.len(name)).sum();
        tally.functions = arities.functions(tally.has_fibers);
        tally.merged.0 = tally.c.merged.len_with(&tally.parts.keys.iter().copied().collect());
        tally
    }

    fn count(
        &mut self,
        project: &Project,
        sizes: &Sizes,
        objects: &'a Objects,
        unit: UnitId,
        asked: &mut FxHashSet<Name>,
    ) -> Counted {
        let title = project.unit(unit).name;
        let share = startup::unit_share(project.unit(unit));
        let name = self.interfaces.id(title);
        self.interfaces.counts[name as usize].linked += 1;
        let mut counted = Counted {
            anatomy: sizes.anatomy(unit).map_or(Anatomy::default(), |(anatomy, _)| anatomy + share),
            share: share.data % 8,
            counted_merges: 0,
            is_first: false,
            symbols: Vec::new(),
            parts: Vec::new(),
            functions_for: Vec::new(),
            interfaces: Vec::new(),
            name,
        };
        if let Some(size) = objects.unit(unit) {
            for &(symbol, usage) in &size.link.uses {
                counted.is_first |= !usage.is_weak && asked.insert(symbol);
                let id = self.symbols.id(symbol);
                add(&mut self.symbols.counts[id as usize], usage);
                counted.symbols.push((id, usage));
            }
            for part in &size.link.mergeable {
                let id = self.parts.id(part);
                self.parts.counts[id as usize] += 1;
                counted.parts.push(id);
                counted.counted_merges += counted_in_units(part);
            }
        }
        if let Some(link) = objects.link.get(unit.idx()).and_then(Option::as_ref) {
            let of = |function: Function, arities: &'a [i64]| arities.iter().map(move |&n| (function, n));
            let functions = of(Function::Apply, &link.apply_fun)
                .chain(of(Function::Curry, &link.curry_fun))
                .chain(of(Function::Send, &link.send_fun));
            for function in functions {
                let id = self.functions_for.id(function);
                self.functions_for.counts[id as usize] += 1;
                counted.functions_for.push(id);
            }
            for (&interface, &has_digest) in link.imports_cmi.iter().zip(&link.has_cmi_digest) {
                let id = self.interfaces.id(interface);
                let count = &mut self.interfaces.counts[id as usize];
                count.imports += 1;
                count.digests += u32::from(has_digest);
                counted.interfaces.push((id, has_digest));
            }
        }
        counted
    }
}

/// Counts by key, keys numbered.
#[derive(Clone, Debug)]
pub(super) struct Table<K, C> {
    ids: FxHashMap<K, u32>,
    pub(super) keys: Vec<K>,
    pub(super) counts: Vec<C>,
}

impl<K: Copy + Eq + Hash, C: Copy + Default> Table<K, C> {
    fn new() -> Self {
        Table { ids: FxHashMap::default(), keys: Vec::new(), counts: Vec::new() }
    }

    /// Returns the number of a key.
    fn id(&mut self, key: K) -> u32 {
        let next = self.keys.len() as u32;
        let id = *self.ids.entry(key).or_insert(next);
        if id == next {
            self.keys.push(key);
            self.counts.push(C::default());
        }
        id
    }

    /// Counts for what leaves, none yet.
    pub(super) fn gone(&self) -> Vec<C> {
        vec![C::default(); self.keys.len()]
    }
}

/// Counts a use: in all, not weak, and in each way.
pub(super) fn add(counts: &mut [u32; 6], usage: Use) {
    let ways = [true, !usage.is_weak, usage.by_call, usage.by_table, usage.keeps_table, usage.in_place]
        .map(u32::from);
    counts.iter_mut().zip(ways).for_each(|(count, way)| *count += way);
}
