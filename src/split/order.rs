//! Code that may run earlier at start-up than before: what made it wait for other code is gone.
//!
//! The units of a library are initialised in an order in which each comes behind those that it names. Where a unit was
//! behind another one only by a link that a change takes away, the build may put them the other way round, and if both do
//! something that others see, or one reads what the other writes to, that shows.

use super::effects::{Class, Effects};
use super::model::Risk;
use super::price::Effect;
use super::risks::{capped, def_place};
use super::world::World;
use crate::base::{DefId, IdSet, LibraryId, UnitId};
use crate::link::LinkedSet;
use crate::project::LibraryOrigin;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// A unit that does something to others when it is initialised.
struct Acting {
    unit: UnitId,
    /// The unit that does it after the change.
    then: UnitId,
    first: DefId,
    does: Vec<Class>,
}

/// Code of a unit that runs when it is initialised and does nothing that others see.
struct Reading {
    unit: UnitId,
    /// The unit that has it after the change.
    then: UnitId,
    defs: Vec<DefId>,
}

/// Returns what may be overtaken by code of the same library that came behind it, once a change is carried out: of `unit`, or
/// of anything in the library.
pub(super) fn risks(
    (world, changed): (&World<'_>, &World<'_>),
    effects: &Effects<'_>,
    library: LibraryId,
    unit: Option<UnitId>,
    before: &LinkedSet,
    effect: &Effect,
) -> Vec<Risk> {
    let tree = world.tree;
    if tree.project.library(library).origin == LibraryOrigin::Stdlib {
        return Vec::new();
    }
    let is_inside =
        |unit: UnitId| tree.project.units.get(unit.0 as usize).is_some_and(|unit| unit.library == library);
    let linked: Vec<UnitId> = before.units.iter().copied().filter(|&unit| is_inside(unit)).collect();
    let acting: Vec<Acting> = linked
        .iter()
        .filter_map(|&unit| acting(changed, effects, unit))
        .filter(|acting| effect.links(before, acting.then))
        .collect();
    if acting.is_empty() {
        return Vec::new();
    }
    let is_new_inside =
        |unit: UnitId| changed.new_unit(unit).map_or(is_inside(unit), |new| is_inside(new.host));
    // What a unit is behind changes only where the one that is changed was on the way.
    let below = unit.map(|unit| reached(world, unit, is_inside));
    let above = unit.map(|unit| reaching(world, unit, &linked));
    let may_change = |earlier: UnitId, later: UnitId| {
        below.as_ref().is_none_or(|below| below.contains(earlier))
            && above.as_ref().is_none_or(|above| above.contains(later))
    };
    let was_behind = Reached::default();
    let is_behind = Reached::default();
    let is_free = |earlier: (UnitId, UnitId), later: (UnitId, UnitId)| {
        earlier.0 != later.0
            && earlier.1 != later.1
            && may_change(earlier.0, later.0)
            && was_behind.has(later.0, earlier.0, |unit| reached(world, unit, is_inside))
            && !is_behind.has(later.1, earlier.1, |unit| reached(changed, unit, is_new_inside))
    };
    let mut risks = Vec::new();
    let mut tell = |earlier: UnitId, later: UnitId, def: DefId| {
        let name = |unit: UnitId| changed.unit_name(unit);
        risks.push(Risk {
            code: "effect-order",
            message: format!(
                "{} may do at start-up before {} what it did behind it: no link makes it wait any more",
                name(later),
                name(earlier)
            ),
            place: Some(def_place(tree, def)),
        });
    };
    for later in &acting {
        for earlier in &acting {
            if is_free((earlier.unit, earlier.then), (later.unit, later.then))
                && may_show(&earlier.does, &later.does)
            {
                tell(earlier.then, later.then, later.first);
            }
        }
    }
    let is_near = |unit: &UnitId| {
        let is_in = |units: &Option<IdSet<UnitId>>| units.as_ref().is_none_or(|units| units.contains(*unit));
        is_in(&below) || is_in(&above)
    };
    let reading: Vec<Reading> = linked
        .iter()
        .filter(|unit| is_near(unit))
        .flat_map(|&unit| reading(changed, effects, unit))
        .filter(|reading| effect.links(before, reading.then))
        .collect();
    for acting in &acting {
        for reading in &reading {
            let (one, other) = ((acting.unit, acting.then), (reading.unit, reading.then));
            let (overtakes, is_overtaken) = (is_free(other, one), is_free(one, other));
            if !overtakes && !is_overtaken {
                continue;
            }
            let is_told = |&&def: &&DefId| {
                let read = effects.units_read(def);
                acting.does.iter().any(|does| matches!(does, Class::Registers(unit) if read.contains(unit)))
            };
            let Some(&def) = reading.defs.iter().find(is_told) else { continue };
            if is_overtaken {
                tell(acting.then, reading.then, def);
            } else {
                tell(reading.then, acting.then, acting.first);
            }
        }
    }
    capped(risks)
}

/// The units that some units reach, once somebody has asked.
#[derive(Default)]
struct Reached(RefCell<FxHashMap<UnitId, IdSet<UnitId>>>);

impl Reached {
    fn has(&self, from: UnitId, unit: UnitId, find: impl Fn(UnitId) -> IdSet<UnitId>) -> bool {
        self.0.borrow_mut().entry(from).or_insert_with(|| find(from)).contains(unit)
    }
}

/// The code of a unit that runs and that others do not see, by the unit that has it after the change.
fn reading(changed: &World<'_>, effects: &Effects<'_>, unit: UnitId) -> Vec<Reading> {
    if effects.is_quiet(unit) {
        return Vec::new();
    }
    let mut found: Vec<Reading> = Vec::new();
    let is_silent = |def: &DefId| matches!(effects.class(*def), Class::Pure | Class::OwnState);
    for def in changed.tree.graph.unit_defs(unit).filter(|&def| effects.runs(def)).filter(is_silent) {
        let then = changed.holder(def);
        match found.iter_mut().find(|reading| reading.then == then) {
            Some(reading) => reading.defs.push(def),
            None => found.push(Reading { unit, then, defs: vec![def] }),
        }
    }
    found
}

/// The units among some that link a unit, themselves or by others of them, with the unit itself.
fn reaching(world: &World<'_>, unit: UnitId, among: &[UnitId]) -> IdSet<UnitId> {
    let mut users: FxHashMap<UnitId, Vec<UnitId>> = FxHashMap::default();
    let mut row = Vec::new();
    for &user in among {
        row.clear();
        world.add_row(user, &mut row);
        row.iter().for_each(|&used| users.entry(used).or_default().push(user));
    }
    let mut reaching: IdSet<UnitId> = [unit].into_iter().collect();
    let mut todo = vec![unit];
    while let Some(used) = todo.pop() {
        let users = users.get(&used).into_iter().flatten().copied();
        todo.extend(users.filter(|&user| reaching.insert(user)));
    }
    reaching
}

fn acting(changed: &World<'_>, effects: &Effects<'_>, unit: UnitId) -> Option<Acting> {
    if effects.is_quiet(unit) {
        return None;
    }
    let graph = changed.tree.graph;
    let does = |def: &DefId| !matches!(effects.class(*def), Class::Pure | Class::OwnState);
    let defs: Vec<DefId> = graph.unit_defs(unit).filter(does).collect();
    let &first = defs.first()?;
    let mut does: Vec<Class> = defs.iter().map(|&def| effects.class(def)).collect();
    does.sort_unstable();
    does.dedup();
    Some(Acting { unit, then: changed.holder(first), first, does })
}

/// Whether it shows in which order some code runs.
fn may_show(one: &[Class], other: &[Class]) -> bool {
    let is_told = |one: &Class, other: &Class| match (one, other) {
        (Class::Registers(one), Class::Registers(other)) => one == other,
        (Class::Registers(_), Class::Outside(_)) | (Class::Outside(_), Class::Registers(_)) => false,
        _ => true,
    };
    one.iter().any(|one| other.iter().any(|other| is_told(one, other)))
}

/// The units of the same library that a unit links, itself or by others.
fn reached(world: &World<'_>, from: UnitId, is_inside: impl Fn(UnitId) -> bool) -> IdSet<UnitId> {
    let mut reached: IdSet<UnitId> = IdSet::default();
    let mut todo = vec![from];
    let mut row = Vec::new();
    while let Some(unit) = todo.pop() {
        row.clear();
        world.add_row(unit, &mut row);
        for &used in row.iter().filter(|&&used| is_inside(used)) {
            if reached.insert(used) {
                todo.push(used);
            }
        }
    }
    reached
}
