//! Which names a part of a unit has, and which an item of an interface speaks of.

use super::Refusal;
use super::moved::OldUnit;
use super::source::Source;
use super::writer::Writer;
use crate::base::{FileId, Idx, Name};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleType, ModuleTypeId, WithConstraint};
use crate::resolve::{Addr, EMPTY, Find, Module, Sig, Space as Names};
use crate::split::lexicon::{Space, bindings};
use crate::split::plan::Part;
use rustc_hash::FxHashSet;

/// Where names of a structure are looked up.
pub(super) const SPACES: [Names; 8] = [
    Names::Value,
    Names::Constructor,
    Names::Field,
    Names::Type,
    Names::Module,
    Names::ModuleType,
    Names::Class,
    Names::ClassType,
];

/// The names of which the old unit's last meaning is in a part, those that it includes among them: what a later item binds
/// anew is what the interface and clients mean.
pub(super) fn held_by(writer: &mut Writer<'_>, old: &OldUnit<'_>, part: &Part) -> FxHashSet<(Space, Name)> {
    let facts = old.implementation.facts;
    let mut names: FxHashSet<(Space, Name)> = FxHashSet::default();
    let written = written(writer, old.ml, facts);
    for (position, &item) in facts.structure(facts.root).items.iter().enumerate() {
        let mut bound = written[position].clone();
        if let ItemKind::Include { module } = facts.item(item).kind {
            let module = writer.eval.expression(old.ml, module, EMPTY);
            bound.extend(members(writer, module));
        }
        match part.items.contains(&item) {
            true => names.extend(bound),
            false => bound.iter().for_each(|name| _ = names.remove(name)),
        }
    }
    names
}

/// The names that each item of the file binds, those that derivers make among them.
pub(super) fn written(writer: &Writer<'_>, id: FileId, facts: &FileFacts) -> Vec<Vec<(Space, Name)>> {
    let mut found = vec![Vec::new(); facts.structure(facts.root).items.len()];
    let Some(file) = writer.eval.file(id) else { return found };
    let names = &file.index.scopes[facts.root.idx()].names;
    for space in SPACES {
        for name in names.of_space(space) {
            for slot in names.get(space, name) {
                found[slot.position as usize].push((space.into(), name));
            }
        }
    }
    found
}

/// The names that a part binds at the level of the file.
pub(super) fn bound_by(old: &OldUnit<'_>, part: &Part) -> FxHashSet<(Space, Name)> {
    let facts = old.implementation.facts;
    part.items.iter().flat_map(|&item| bindings(facts, item)).collect()
}

/// The names of a module.
fn members(writer: &mut Writer<'_>, module: Module) -> Vec<(Space, Name)> {
    let names = |names: Names| {
        let found = writer.eval.members(module, names);
        found.into_iter().map(move |name| (names.into(), name)).collect::<Vec<_>>()
    };
    SPACES.into_iter().flat_map(names).collect()
}

/// The names of which `include S` in an interface says what they are.
pub(super) fn included(
    writer: &mut Writer<'_>,
    interface: &Source<'_>,
    mli: FileId,
    item: ItemId,
    module_type: ModuleTypeId,
) -> Result<Vec<(Space, Name)>, Refusal> {
    let sig = writer.eval.module_type(mli, module_type, EMPTY);
    if let Sig::Unknown(reason) = sig {
        let message = format!("the names of this signature are not known ({})", reason.word());
        return Err(interface.refuse("interface", message, interface.facts.item(item).span.start));
    }
    let mut names = members(writer, Module { link: Addr::Local, canon: Addr::Local, sig });
    // What a constraint replaces is no name of the signature any more, and so is what it holds.
    let gone = replaced(interface.facts, module_type);
    let whole = Module {
        link: Addr::Local,
        canon: Addr::Local,
        sig: unconstrained(writer, interface, mli, module_type),
    };
    let mut item_of = |space: Names, name: Name| match writer.eval.find(whole, space, name) {
        Find::Found(found) => found.item.map(|binding| (binding.file, binding.item)),
        _ => None,
    };
    let types = gone.iter().filter(|name| name.0 == Space::Type);
    let gone_types: Vec<_> = types.filter_map(|name| item_of(Names::Type, name.1)).collect();
    names.retain(|&(space, name)| {
        let is_inside = matches!(space, Space::Constructor | Space::Field)
            && item_of(space.into(), name).is_some_and(|item| gone_types.contains(&item));
        !gone.contains(&(space, name)) && !is_inside
    });
    // Nothing depends on who was read first.
    names.sort_unstable_by_key(|&(space, name)| (name.as_str(), space));
    Ok(names)
}

/// A signature without its constraints.
fn unconstrained(
    writer: &mut Writer<'_>,
    interface: &Source<'_>,
    mli: FileId,
    mut module_type: ModuleTypeId,
) -> Sig {
    while let ModuleType::With { base, .. } = interface.facts.module_type(module_type) {
        module_type = *base;
    }
    writer.eval.module_type(mli, module_type, EMPTY)
}

/// What becomes of an item of an interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hold {
    /// All that it speaks of stays in the old unit.
    Stays,
    /// All that it speaks of is in the new unit.
    Moves,
    /// Some of the names that it includes are in the new unit.
    IsTorn,
}

/// Returns where that is which an item of an interface speaks of.
pub(super) fn hold(
    interface: &Source<'_>,
    item: ItemId,
    names: &[(Space, Name)],
    bound: &FxHashSet<(Space, Name)>,
) -> Result<Hold, Refusal> {
    let kind = &interface.facts.item(item).kind;
    // A type that moves takes its constructors and fields along, even where a later type binds their names anew.
    let is_type = matches!(kind, ItemKind::Type { .. });
    let moves = is_type && names.iter().any(|name| name.0 == Space::Type && bound.contains(name));
    let follows = |space: Space| moves && matches!(space, Space::Constructor | Space::Field);
    // Names come in the order in which texts were read: which are told of must not depend on that.
    let first = |is_it: &dyn Fn(&(Space, Name)) -> bool| {
        names.iter().filter(|name| is_it(name)).min_by_key(|name| (name.1.as_str(), name.0))
    };
    let held = first(&|name| bound.contains(name));
    let other = first(&|name| !bound.contains(name) && !follows(name.0));
    match (held, other) {
        (None, _) => Ok(Hold::Stays),
        (Some(_), None) => Ok(Hold::Moves),
        (Some(_), Some(_)) if matches!(kind, ItemKind::IncludeType { .. }) => Ok(Hold::IsTorn),
        (Some((_, moves)), Some((_, stays))) => {
            let message = format!("of this signature, {moves} would be in the new unit and {stays} not");
            Err(interface.refuse("interface", message, interface.facts.item(item).span.start))
        }
    }
}

/// The names that `with type t := ..` takes out of a signature.
fn replaced(facts: &FileFacts, mut module_type: ModuleTypeId) -> Vec<(Space, Name)> {
    let mut gone = Vec::new();
    while let ModuleType::With { base, constraints } = facts.module_type(module_type) {
        for constraint in &facts.constraints[constraints.start as usize..constraints.end as usize] {
            let (space, path, is_destructive) = match constraint {
                WithConstraint::Type { path, is_destructive } => (Space::Type, path, is_destructive),
                WithConstraint::Module { path, is_destructive, .. } => (Space::Module, path, is_destructive),
                WithConstraint::ModuleType { path, is_destructive, .. } => {
                    (Space::ModuleType, path, is_destructive)
                }
            };
            if let (true, [name]) = (is_destructive, facts.names(*path)) {
                gone.push((space, *name));
            }
        }
        module_type = *base;
    }
    gone
}
