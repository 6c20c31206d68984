//! Members of modules: among the items of a structure, through includes, and under constraints.

use super::misses::LONG;
use super::model::{Binding, Find, Found, Inside, Module, Reason, Sig, With, found_module};
use super::{Addr, EMPTY, Evaluator};
use crate::base::{Idx, Name, UnitId};
use crate::parse::{Item, ItemId, ItemKind, ModuleExpr, ModuleType, WithConstraint};
use crate::project::UnitSource;
use crate::resolve::index::{Scopes, Slot, Space, join};
use crate::resolve::world::File;

impl Evaluator<'_> {
    /// Looks a member of a module up.
    pub(crate) fn find(&mut self, module: Module, space: Space, name: Name) -> Find {
        if self.tally.is_at_limit() {
            return Find::Unknown(Reason::Cycle);
        }
        if self.misses.has(module, space, name) {
            return self.find_missed((module, space, name));
        }
        let start = self.tally.steps();
        self.tally.enter();
        let found = self.find_member(module, space, name);
        self.tally.leave();
        if self.tally.steps() - start > LONG {
            self.took_long((module, space, name), &found);
        }
        found
    }

    pub(super) fn find_member(&mut self, module: Module, space: Space, name: Name) -> Find {
        match module.sig {
            Sig::Unknown(reason) => Find::Unknown(reason),
            Sig::FunctorExpr { .. } | Sig::FunctorType { .. } => Find::Absent,
            Sig::Generated(unit) => self.find_generated(unit, space, name),
            Sig::Derived { .. } => self.find_derived(module, space, name),
            Sig::With(with) => self.find_with(module, with, space, name),
            Sig::Structure { file, structure, env } => {
                let Some(loaded) = self.file(file) else { return Find::Unknown(Reason::Unreadable) };
                let Some(inside) = self.enter(module, loaded, file, structure, env) else {
                    return Find::Unknown(Reason::Cycle);
                };
                self.find_inside(loaded, inside, space, name, u32::MAX, false)
            }
        }
    }

    /// Looks a name up in a module that a deriver makes.
    fn find_derived(&mut self, module: Module, space: Space, name: Name) -> Find {
        let Sig::Derived { file, item, path } = module.sig else { return Find::Absent };
        let Some(loaded) = self.file(file) else { return Find::Unknown(Reason::Unreadable) };
        if !loaded.index.has_inside(item, path, space, name) {
            return Find::Absent;
        }
        let (link, canon) = (module.link.member(name), module.canon.member(name));
        let slot = Slot { position: 0, nth: 0, is_derived: true };
        let sig = Sig::Derived { file, item, path: join(path, name) };
        Find::Found(Found {
            link,
            canon,
            origin: link,
            item: Some(Binding { file, item, slot }),
            module: (space == Space::Module).then_some(Module { link, canon, sig }),
            absent: false,
            env: EMPTY,
        })
    }

    fn find_generated(&mut self, unit: UnitId, space: Space, name: Name) -> Find {
        let source = self.world.project.unit(unit);
        let UnitSource::Generated(generated) = &source.source else { return Find::Absent };
        if space != Space::Module {
            return Find::Absent;
        }
        let target = generated.aliases.iter().find(|&&(alias, _)| alias == name).map(|&(_, target)| target);
        let Some(target) = target else { return Find::Absent };
        match self.visible_unit(source.library, target) {
            Some(target) => {
                self.hops.push(unit);
                self.mentioned.add(target);
                found_module(self.unit_module(target), EMPTY, true)
            }
            None => Find::Absent,
        }
    }

    fn find_with(&mut self, module: Module, with: u32, space: Space, name: Name) -> Find {
        let With { base, file, ty, env } = self.withs[with as usize];
        let Some(loaded) = self.file(file) else { return Find::Unknown(Reason::Unreadable) };
        let facts = &loaded.facts;
        let ModuleType::With { constraints, .. } = facts.module_type(ty) else { return Find::Absent };
        for constraint in &facts.constraints[constraints.start as usize..constraints.end as usize] {
            let (path, of_space, is_destructive) = match constraint {
                WithConstraint::Type { path, is_destructive } => (path, Space::Type, is_destructive),
                WithConstraint::Module { path, is_destructive, .. } => (path, Space::Module, is_destructive),
                WithConstraint::ModuleType { path, is_destructive, .. } => {
                    (path, Space::ModuleType, is_destructive)
                }
            };
            if of_space != space || facts.names(*path) != [name] {
                continue;
            }
            if *is_destructive {
                return Find::Absent;
            }
            if let WithConstraint::Module { target, .. } = constraint
                && let Some(target) = self.module_of_ref(file, facts, *target, env)
            {
                let module = Module { link: module.link.member(name), canon: target.canon, sig: target.sig };
                return found_module(module, env, false);
            }
        }
        self.find(Module { sig: base, ..module }, space, name)
    }

    /// Looks a name up among the items of a structure before a position; with the structure's opens when the question
    /// comes from inside.
    pub(crate) fn find_inside(
        &mut self,
        file: &File,
        inside: Inside,
        space: Space,
        name: Name,
        before: u32,
        from_inside: bool,
    ) -> Find {
        let scopes = &file.index.scopes[inside.structure.idx()];
        let items = &file.facts.structure(inside.structure).items;
        let slots = scopes.names.get(space, name);
        let end = slots.partition_point(|slot| slot.position < before);
        let named = slots[..end]
            .iter()
            .rev()
            .find(|slot| from_inside || !is_substitution(file.facts.item(items[slot.position as usize])));
        let after = named.map_or(0, |slot| slot.position + 1);
        let mut unknown = None;
        let mut others = Others::new(scopes, after, before, from_inside);
        while let Some(position) = others.next() {
            let item_id = items[position as usize];
            let item = file.facts.item(item_id);
            let mut n_opened = 0;
            let found = match item.kind {
                ItemKind::Open { .. } => {
                    let (module, _, hops) = self.item_module(file, inside, item_id);
                    let start = self.hops.len();
                    // A name that is opened has the path of the open in front, as it is written.
                    self.hops.extend(hops.iter().copied());
                    n_opened = hops.len();
                    let found = self.find(module, space, name);
                    match found {
                        Find::Found(_) => self.is_hidden = is_open_structure(file, item),
                        _ => self.hops.truncate(start),
                    }
                    found
                }
                _ => {
                    let (module, _, _) = self.item_module(file, inside, item_id);
                    let start = self.hops.len();
                    let found = self.find(module, space, name);
                    self.rehold(&found, start, module.link, inside.link);
                    if module.link != inside.link && space == Space::Module && self.is_type_of(inside) {
                        let is_alias = matches!(&found, Find::Found(found) if !found.absent);
                        if let (true, Addr::Field(unit, _)) = (is_alias, inside.link) {
                            self.hops.push(unit);
                        }
                        alias_of_included(found)
                    } else {
                        reexport(found, inside, space, name)
                    }
                }
            };
            match found {
                Find::Absent => {}
                Find::Unknown(reason) => {
                    unknown = unknown.or(Some(reason));
                    // The others, which may be thousands for every name, would say the same.
                    if self.tally.is_exhausted() {
                        break;
                    }
                }
                found => {
                    self.n_opened = n_opened;
                    return found;
                }
            }
        }
        let found = match named {
            Some(&slot) => self.found_item(file, inside, items[slot.position as usize], slot, space, name),
            None => unknown.map_or(Find::Absent, Find::Unknown),
        };
        self.n_opened = 0;
        found
    }

    /// An alias that came by an include is held by the including module: that one's unit was gone through, not the
    /// included one's.
    fn rehold(&mut self, found: &Find, start: usize, included: Addr, including: Addr) {
        let (Find::Found(Found { absent: true, .. }), Addr::Field(..)) = (found, included) else { return };
        match including {
            Addr::Field(unit, _) if start < self.hops.len() => self.hops[start] = unit,
            Addr::Local if start < self.hops.len() => drop(self.hops.remove(start)),
            _ => {}
        }
    }

    pub(super) fn found_item(
        &mut self,
        file: &File,
        inside: Inside,
        item: ItemId,
        slot: Slot,
        space: Space,
        name: Name,
    ) -> Find {
        let link = inside.link.member(name);
        let canon = inside.canon.member(name);
        let binding = Binding { file: inside.file, item, slot };
        let mut found = Found {
            link,
            canon,
            origin: link,
            item: Some(binding),
            module: None,
            absent: false,
            env: inside.env,
        };
        if space == Space::Module && slot.is_derived {
            let sig = Sig::Derived { file: inside.file, item, path: name };
            found.module = Some(Module { link, canon, sig });
        } else if space == Space::Module {
            let (module, absent, hops) = self.item_module(file, inside, item);
            if absent {
                if let Addr::Field(unit, _) = inside.link {
                    self.hops.push(unit);
                    // An alias of a neighbour is written without the path to both, and followed through that path.
                    self.is_last_relative = match hops.first() {
                        Some(&first) => first == unit,
                        None => matches!(module.link, Addr::Field(of, _) if of == unit),
                    };
                }
                self.hops.extend(hops.iter().copied());
            }
            found.link = module.link;
            found.canon = module.canon;
            found.module = Some(module);
            found.absent = absent;
        }
        self.is_hidden = false;
        Find::Found(found)
    }
}

/// `open struct .. end`: nothing of it is seen from outside.
fn is_open_structure(file: &File, item: &Item) -> bool {
    let ItemKind::Open { module, .. } = item.kind else { return false };
    matches!(file.facts.module_expr(module), ModuleExpr::Structure(_))
}

fn is_substitution(item: &Item) -> bool {
    match item.kind {
        ItemKind::ModuleSubstitution { .. } => true,
        ItemKind::ModuleTypeDef { is_substitution, .. } | ItemKind::Type { is_substitution, .. } => {
            is_substitution
        }
        _ => false,
    }
}

/// In `module type of struct include P end` the modules of P are names for P's.
fn alias_of_included(found: Find) -> Find {
    let Find::Found(mut found) = found else { return found };
    if let (Addr::Field(..), Some(module)) = (found.canon, &mut found.module) {
        module.link = found.canon;
        found.link = found.canon;
        found.absent = true;
    }
    Find::Found(found)
}

/// What an `include` brings is a field of the including module; only an alias that was only a name stays one.
pub(super) fn reexport(found: Find, inside: Inside, space: Space, name: Name) -> Find {
    let Find::Found(mut found) = found else { return found };
    if found.absent {
        return Find::Found(found);
    }
    found.link = inside.link.member(name);
    if space == Space::Module {
        found.module = found.module.map(|module| Module { link: found.link, ..module });
        if found.canon == Addr::Local {
            found.canon = inside.canon.member(name);
            found.module = found.module.map(|module| Module { canon: found.canon, ..module });
        }
    } else {
        found.canon = inside.canon.member(name);
    }
    Find::Found(found)
}

/// The includes, and from inside the opens, of a structure in a range of positions, last first.
pub(super) struct Others<'a> {
    includes: &'a [u32],
    opens: &'a [u32],
}

impl<'a> Others<'a> {
    pub(super) fn new(scopes: &'a Scopes, after: u32, before: u32, with_opens: bool) -> Self {
        let within = |positions: &'a [u32]| {
            let start = positions.partition_point(|&position| position < after);
            let end = positions.partition_point(|&position| position < before);
            &positions[start.min(end)..end]
        };
        Others {
            includes: within(&scopes.includes),
            opens: if with_opens { within(&scopes.opens) } else { &[] },
        }
    }

    pub(super) fn next(&mut self) -> Option<u32> {
        match (self.includes.split_last(), self.opens.split_last()) {
            (Some((&include, rest)), open) if open.is_none_or(|(&open, _)| include > open) => {
                self.includes = rest;
                Some(include)
            }
            (_, Some((&open, rest))) => {
                self.opens = rest;
                Some(open)
            }
            _ => None,
        }
    }
}
