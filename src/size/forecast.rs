//! What an executable has besides its units, for a program and for many others that differ from it by units that leave.
//!
//! The counts of the program as it is are kept ([`Tally`]); those of a program with less are the same without what leaves, and
//! mostly C code, shared functions and merged constants stay as they are. Where they do not, or units come or change places,
//! all is added up anew. Either way gives the same figure to the byte.

use super::c_object::{Mergeable, Use};
use super::c_side::{CSide, CWants, KnownSides};
use super::objects::Objects;
use super::program::{counted_in_units, predict_knowing, sections};
use super::startup::{self, Arities};
use super::{Anatomy, LinkMode, Sizes};
use crate::base::{Idx, LibraryId, Name, UnitId};
use crate::project::Project;
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::Hash;
use std::sync::Arc;

/// A program, ready to be asked what is in its executable besides the units if it had fewer of them.
#[derive(Clone, Debug)]
pub struct Forecast<'a> {
    project: &'a Project,
    sizes: &'a Sizes,
    objects: &'a Objects,
    libraries: &'a [LibraryId],
    known: &'a KnownSides,
    tally: Option<Tally<'a>>,
}

impl<'a> Forecast<'a> {
    /// Counts what the linked units of a program ask for, in link order.
    #[must_use]
    pub fn new(
        project: &'a Project,
        sizes: &'a Sizes,
        objects: &'a Objects,
        linked: &[UnitId],
        libraries: &'a [LibraryId],
        known: &'a KnownSides,
    ) -> Self {
        let mode = LinkMode::of(sizes.profile).unwrap_or(LinkMode::DEFAULT);
        let tally = sizes.bytecode.is_none().then(|| {
            let uses =
                linked.iter().filter_map(|&unit| objects.unit(unit)).map(|size| size.link.uses.as_slice());
            let c = known.of(objects, CWants::new(uses, objects.c_inputs_of(libraries), mode));
            Tally::new(project, sizes, objects, linked, c, mode)
        });
        Forecast { project, sizes, objects, libraries, known, tally }
    }

    /// Returns what is in the executable of some linked units besides them, in bytes of allocated sections.
    #[must_use]
    pub fn besides(&self, linked: &[UnitId]) -> u64 {
        self.tally.as_ref().and_then(|tally| tally.besides(linked)).unwrap_or_else(|| {
            let (project, sizes, objects) = (self.project, self.sizes, self.objects);
            let size = predict_knowing(project, sizes, objects, linked, self.libraries, self.known);
            size.alloc.saturating_sub(size.units)
        })
    }

    /// Returns the same for the program without some of its units; none where it takes more than to take away what leaves.
    #[must_use]
    pub fn besides_without(&self, gone: &[UnitId]) -> Option<u64> {
        let tally = self.tally.as_ref()?;
        let counted = |unit: &UnitId| tally.units.get(*tally.position.get(unit.idx())? as usize);
        tally.without(&gone.iter().map(counted).collect::<Option<Vec<&Counted>>>()?)
    }
}

/// The counts of a program as it is.
#[derive(Clone, Debug)]
struct Tally<'a> {
    mode: LinkMode,
    has_fibers: bool,
    c: Arc<CSide>,
    /// The units in link order.
    units: Vec<Counted>,
    /// For each unit of the project, its position in `units`, or [`NOWHERE`].
    position: Vec<u32>,
    sum: Anatomy,
    /// Shared functions.
    functions: Anatomy,
    /// Bytes of the table of globals for units that are not linked.
    unlinked: u64,
    shares: u64,
    /// Length of all mergeable parts, and of those that are counted as the units' own.
    merged: (u64, u64),
    symbols: Table<Name, [u32; 6]>,
    parts: Table<&'a Mergeable, u32>,
    functions_for: Table<(Function, i64), u32>,
    interfaces: Table<Name, Interface>,
}

const NOWHERE: u32 = u32::MAX;

/// What one unit adds.
#[derive(Clone, Debug)]
struct Counted {
    anatomy: Anatomy,
    share: u64,
    counted_merges: u64,
    /// Whether it is the first to ask for some C symbol: without it, C code is asked for in another order.
    is_first: bool,
    symbols: Vec<(u32, Use)>,
    parts: Vec<u32>,
    functions_for: Vec<u32>,
    interfaces: Vec<(u32, bool)>,
    /// Its name among interfaces.
    name: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Function {
    Apply,
    Curry,
    Send,
}

/// How many linked units were compiled against an interface, how many of them record its digest, and how many have its name.
#[derive(Clone, Copy, Default, Debug)]
struct Interface {
    imports: u32,
    digests: u32,
    linked: u32,
}

impl Interface {
    /// What the table of globals has for it.
    fn len(self, name: Name) -> u64 {
        let is_unlinked = self.imports > 0 && self.linked == 0;
        if is_unlinked { startup::unlinked_len(name.as_str(), self.digests > 0) } else { 0 }
    }
}

/// Counts by key, keys numbered.
#[derive(Clone, Debug)]
struct Table<K, C> {
    ids: FxHashMap<K, u32>,
    keys: Vec<K>,
    counts: Vec<C>,
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
    fn gone(&self) -> Vec<C> {
        vec![C::default(); self.keys.len()]
    }
}

impl<'a> Tally<'a> {
    fn new(
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
        let share = startup::unit_share(title.as_str());
        let name = self.interfaces.id(title);
        self.interfaces.counts[name as usize].linked += 1;
        let mut counted = Counted {
            anatomy: sizes.anatomy(unit).map_or(Anatomy::default(), |(anatomy, _)| anatomy) + share,
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

    /// What is in the executable besides some of the units; none where it takes more than to take away what leaves: other units,
    /// another order, other C code.
    fn besides(&self, linked: &[UnitId]) -> Option<u64> {
        self.without(&self.gone(linked)?)
    }

    fn without(&self, gone: &[&Counted]) -> Option<u64> {
        if gone.iter().any(|unit| unit.is_first) || self.changes_uses(gone) {
            return None;
        }
        let mut sum = self.sum;
        let mut shares = self.shares;
        let mut counted_merges = self.merged.1;
        for unit in gone {
            sum = sum - unit.anatomy;
            shares -= unit.share;
            counted_merges -= unit.counted_merges;
        }
        let common = startup::with_map(self.functions_without(gone), self.unlinked_without(gone), shares);
        let merged = (self.merged_without(gone), counted_merges);
        let alloc = sections(&self.c, sum, common, merged, 0, self.mode).lay_out().alloc;
        Some(alloc.saturating_sub(sum.bytes_in(self.mode).alloc()))
    }

    /// The units that some others leave out; none where those are not some of these in this order.
    fn gone(&self, linked: &[UnitId]) -> Option<Vec<&Counted>> {
        let mut gone = Vec::new();
        let mut next = 0;
        for &unit in linked {
            let at = *self.position.get(unit.idx())? as usize;
            gone.extend(self.units.get(next..at)?);
            next = at + 1;
        }
        gone.extend(&self.units[next..]);
        Some(gone)
    }

    /// Whether less is asked for of C code without some units.
    fn changes_uses(&self, gone: &[&Counted]) -> bool {
        let mut uses = self.symbols.gone();
        for unit in gone {
            for &(symbol, usage) in &unit.symbols {
                add(&mut uses[symbol as usize], usage);
            }
        }
        let is_last = |(all, gone): (&[u32; 6], &[u32; 6])| (0..6).any(|i| gone[i] > 0 && gone[i] == all[i]);
        self.symbols.counts.iter().zip(&uses).any(is_last)
    }

    fn functions_without(&self, gone: &[&Counted]) -> Anatomy {
        let mut counts = self.functions_for.counts.clone();
        let mut is_less = false;
        for &id in gone.iter().flat_map(|unit| &unit.functions_for) {
            counts[id as usize] -= 1;
            is_less |= counts[id as usize] == 0;
        }
        if !is_less {
            return self.functions;
        }
        let mut arities = Arities::default();
        for (&(function, arity), _) in self.functions_for.keys.iter().zip(counts).filter(|&(_, n)| n > 0) {
            let of = match function {
                Function::Apply => &mut arities.apply,
                Function::Curry => &mut arities.curry,
                Function::Send => &mut arities.send,
            };
            of.insert(arity);
        }
        arities.functions(self.has_fibers)
    }

    fn unlinked_without(&self, gone: &[&Counted]) -> u64 {
        let mut counts = self.interfaces.counts.clone();
        let mut touched: Vec<u32> = Vec::new();
        for unit in gone {
            counts[unit.name as usize].linked -= 1;
            touched.push(unit.name);
            for &(id, has_digest) in &unit.interfaces {
                let count = &mut counts[id as usize];
                count.imports -= 1;
                count.digests -= u32::from(has_digest);
                // Whose unit is linked has no entry whatever else.
                if count.linked == 0 {
                    touched.push(id);
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        let mut unlinked = self.unlinked;
        for id in touched {
            let (id, name) = (id as usize, self.interfaces.keys[id as usize]);
            unlinked = unlinked + counts[id].len(name) - self.interfaces.counts[id].len(name);
        }
        unlinked
    }

    fn merged_without(&self, gone: &[&Counted]) -> u64 {
        let mut counts = self.parts.counts.clone();
        let mut is_less = false;
        for &id in gone.iter().flat_map(|unit| &unit.parts) {
            counts[id as usize] -= 1;
            is_less |= counts[id as usize] == 0;
        }
        if !is_less {
            return self.merged.0;
        }
        let left = self.parts.keys.iter().zip(counts).filter(|&(_, n)| n > 0);
        self.c.merged.len_with(&left.map(|(&part, _)| part).collect())
    }
}

/// Counts a use: in all, not weak, and in each way.
fn add(counts: &mut [u32; 6], usage: Use) {
    let ways = [true, !usage.is_weak, usage.by_call, usage.by_table, usage.keeps_table, usage.in_place]
        .map(u32::from);
    counts.iter_mut().zip(ways).for_each(|(count, way)| *count += way);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::name;
    use crate::project::{CmxUnit, Unit, UnitSource};
    use crate::size::c_object::CObject;
    use crate::size::unit::UnitSize;
    use proptest::prelude::*;

    /// What one unit asks for: C symbols by number and flags, constants, arities, interfaces.
    type Asked = (Vec<(u8, u8)>, Vec<u8>, Vec<(u8, i64)>, Vec<(u8, bool)>);

    fn asked() -> impl Strategy<Value = Asked> {
        (
            prop::collection::vec((0u8..6, 0u8..32), 0..4),
            prop::collection::vec(0u8..5, 0..3),
            prop::collection::vec((0u8..3, 2i64..6), 0..3),
            prop::collection::vec((0u8..9, any::<bool>()), 0..5),
        )
    }

    fn object(asked: &Asked) -> UnitSize {
        let has = |flags: u8, flag: u8| flags & flag != 0;
        let usage = |flags: u8| Use {
            by_call: has(flags, 1),
            by_table: has(flags, 2),
            keeps_table: has(flags, 4),
            in_place: has(flags, 8),
            is_weak: has(flags, 16),
        };
        let part = |&n: &u8| Mergeable {
            section: name(if n < 3 { ".rodata.cst8" } else { ".rodata.cst16" }),
            content: vec![n; 8],
        };
        let link = CObject {
            uses: asked
                .0
                .iter()
                .map(|&(symbol, flags)| (name(&format!("c{symbol}")), usage(flags)))
                .collect(),
            mergeable: asked.1.iter().map(part).collect(),
            ..CObject::default()
        };
        UnitSize { unit: name("U"), link, ..UnitSize::default() }
    }

    fn archived(at: usize, asked: &Asked) -> CmxUnit {
        let arities = |kind: u8| asked.2.iter().filter(|of| of.0 == kind).map(|of| of.1).collect();
        CmxUnit {
            name: title(at),
            symbol: title(at),
            defines: vec![title(at)],
            imports_cmi: asked.3.iter().map(|&(interface, _)| title(usize::from(interface))).collect(),
            has_cmi_digest: asked.3.iter().map(|&(_, has_digest)| has_digest).collect(),
            imports_cmx: Vec::new(),
            force_link: false,
            curry_fun: arities(0),
            apply_fun: arities(1),
            send_fun: arities(2),
        }
    }

    fn title(at: usize) -> Name {
        name(&format!("Unit{}", "x".repeat(at)))
    }

    proptest! {
        /// Whichever units leave, and in whatever order the others are, the figure is that of a whole prediction.
        #[test]
        fn what_is_besides_some_of_the_units_is_what_a_prediction_says(
            units in prop::collection::vec(asked(), 1..7),
            stays in prop::collection::vec(any::<bool>(), 7),
            is_turned in any::<bool>(),
        ) {
            let unit = |at: usize| Unit {
                name: title(at),
                library: LibraryId::new(0),
                source: UnitSource::Opaque { interface: None },
                compiled_interface: None,
                opens: Vec::new(),
                no_alias_deps: false,
                opens_stdlib: true,
                noassert: false,
                forced: false,
                is_private: false,
                recorded: None,
                packed: Vec::new(),
                pack: None,
                object: None,
                generated_from: None,
            };
            let project = Project { units: (0..units.len()).map(unit).collect(), ..Project::default() };
            let objects = Objects {
                units: units.iter().map(|asked| Some(object(asked))).collect(),
                link: units.iter().enumerate().map(|(at, asked)| Some(archived(at, asked))).collect(),
                ..Objects::default()
            };
            let (sizes, known) = (Sizes::default(), KnownSides::default());
            let linked: Vec<UnitId> = (0..units.len()).map(UnitId::new).collect();
            let forecast = Forecast::new(&project, &sizes, &objects, &linked, &[], &known);
            let (mut left, gone): (Vec<UnitId>, Vec<UnitId>) =
                linked.into_iter().partition(|unit| stays[unit.idx()]);
            if let Some(bytes) = forecast.besides_without(&gone) {
                prop_assert_eq!(bytes, forecast.besides(&left));
            }
            if is_turned {
                left.reverse();
            }
            let size = predict_knowing(&project, &sizes, &objects, &left, &[], &known);
            prop_assert_eq!(forecast.besides(&left), size.alloc - size.units);
        }
    }
}
