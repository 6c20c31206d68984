//! Code that may run earlier at start-up than before: what made it wait for other code is gone.
//!
//! The units of a library are initialised in an order in which each comes behind those that it names. Where a unit was
//! behind another one only by a link that a change takes away, the build may put them the other way round, and if both do
//! something that others see, that shows.

use super::effects::{Class, Effects};
use super::model::Risk;
use super::price::Effect;
use super::risks::{capped, def_place};
use super::world::World;
use crate::base::{DefId, IdSet, LibraryId, UnitId};
use crate::link::LinkedSet;
use crate::project::LibraryOrigin;

/// A unit that does something to others when it is initialised.
struct Acting {
    unit: UnitId,
    /// The unit that does it after the change.
    then: UnitId,
    first: DefId,
    does: Vec<Class>,
}

/// Returns what may be overtaken by code of the same library that came behind it, once a change is carried out.
pub(super) fn risks(
    world: &World<'_>,
    changed: &World<'_>,
    effects: &Effects<'_>,
    library: LibraryId,
    before: &LinkedSet,
    effect: &Effect,
) -> Vec<Risk> {
    let tree = world.tree;
    if tree.project.library(library).origin == LibraryOrigin::Stdlib {
        return Vec::new();
    }
    let is_inside =
        |unit: UnitId| tree.project.units.get(unit.0 as usize).is_some_and(|unit| unit.library == library);
    let linked = before.units.iter().copied().filter(|&unit| is_inside(unit));
    let acting: Vec<Acting> = linked
        .filter_map(|unit| acting(changed, effects, unit))
        .filter(|acting| effect.links(before, acting.then))
        .collect();
    if acting.len() < 2 {
        return Vec::new();
    }
    let is_new_inside =
        |unit: UnitId| changed.new_unit(unit).map_or(is_inside(unit), |new| is_inside(new.host));
    let mut risks = Vec::new();
    for later in &acting {
        let was_behind = reached(world, later.unit, is_inside);
        let is_behind = reached(changed, later.then, is_new_inside);
        for earlier in &acting {
            let waited = was_behind.contains(earlier.unit);
            let waits = is_behind.contains(earlier.then) || earlier.then == later.then;
            if waited && !waits && may_show(&earlier.does, &later.does) {
                let name = |unit: UnitId| changed.unit_name(unit);
                risks.push(Risk {
                    code: "effect-order",
                    message: format!(
                        "{} may do at start-up before {} what it did behind it: no link makes it wait any more",
                        name(later.then),
                        name(earlier.then)
                    ),
                    place: Some(def_place(tree, later.first)),
                });
            }
        }
    }
    capped(risks)
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
