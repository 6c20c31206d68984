//! All bindings of one name that are in scope: what a constructor or field may be, the last one first.
//!
//! The type that is expected decides between them, and types are not known here. A binding that a later one of the same
//! name hides is still one of them.

use super::Evaluator;
use super::env::EnvId;
use super::members::{Others, reexport};
use super::model::{Find, Found, Inside, Module, Sig};
use crate::base::{FileId, Idx, Name};
use crate::parse::{Binder, FileFacts, ItemKind, ScopeId};
use crate::resolve::index::Space;
use crate::resolve::world::File;
use rustc_hash::FxHashSet;

impl Evaluator<'_> {
    /// Returns what the last component of a path may be, each origin once.
    pub(crate) fn resolve_every(
        &mut self,
        file: FileId,
        facts: &FileFacts,
        path: &[Name],
        scope: ScopeId,
        env: EnvId,
        space: Space,
    ) -> Vec<Found> {
        let mut all = Vec::new();
        match path.split_last() {
            Some((&last, [])) => self.every_in_scope(file, scope, env, space, last, &mut all),
            Some((&last, modules)) => {
                if let Find::Found(Found { module: Some(module), .. }) =
                    self.resolve(file, facts, modules, scope, env, Space::Module)
                {
                    let module = self.applied(module);
                    self.every_member(module, space, last, &mut all);
                }
            }
            None => {}
        }
        if all.len() > 1 {
            let mut seen = FxHashSet::default();
            all.retain(|found| {
                seen.insert((found.item.map(|binding| (binding.file, binding.item)), found.canon))
            });
        }
        all
    }

    fn every_in_scope(
        &mut self,
        id: FileId,
        scope: ScopeId,
        env: EnvId,
        space: Space,
        name: Name,
        all: &mut Vec<Found>,
    ) {
        let Some(file) = self.file(id) else { return };
        let mut scope = scope;
        loop {
            if let Some(strides) = &file.index.strides {
                scope = strides.pass(scope, name);
            }
            let step = file.facts.scope(scope);
            match step.binder {
                Binder::File => break,
                Binder::Items { structure, before } => {
                    let inside = self.inside(file, id, structure, env);
                    self.every_inside(file, inside, space, name, Seen { before, from_inside: true }, all);
                }
                Binder::Open { module } if !self.tally.is_exhausted() => {
                    let module = self.expression(id, module, env);
                    self.every_member(module, space, name, all);
                }
                // A local exception of the name: what it hides is not looked for.
                Binder::Exception(names)
                    if space == Space::Constructor && file.facts.names(names).contains(&name) =>
                {
                    return all.clear();
                }
                _ => {}
            }
            scope = step.parent;
        }
        let opens = self.opens(file.index.unit);
        for &module in opens.flags.iter().rev().chain(&opens.stdlib) {
            self.every_member(module, space, name, all);
        }
    }

    fn every_member(&mut self, module: Module, space: Space, name: Name, all: &mut Vec<Found>) {
        if self.tally.is_at_limit() {
            return;
        }
        self.tally.enter();
        match module.sig {
            Sig::Structure { file, structure, env } => {
                if let Some(loaded) = self.file(file)
                    && let Some(inside) = self.enter(module, loaded, file, structure, env)
                {
                    let seen = Seen { before: u32::MAX, from_inside: false };
                    self.every_inside(loaded, inside, space, name, seen, all);
                }
            }
            _ => {
                if let Find::Found(found) = self.find(module, space, name) {
                    all.push(found);
                }
            }
        }
        self.tally.leave();
    }

    fn every_inside(
        &mut self,
        file: &File,
        inside: Inside,
        space: Space,
        name: Name,
        seen: Seen,
        all: &mut Vec<Found>,
    ) {
        let scopes = &file.index.scopes[inside.structure.idx()];
        let items = &file.facts.structure(inside.structure).items;
        let slots = scopes.names.get(space, name);
        let n_before = slots.partition_point(|slot| slot.position < seen.before);
        let mut slots = slots[..n_before].iter().rev().peekable();
        let mut others = Others::new(scopes, 0, seen.before, seen.from_inside);
        let mut other = others.next();
        loop {
            match (slots.peek(), other) {
                (Some(&&slot), position) if position.is_none_or(|position| slot.position > position) => {
                    let item = items[slot.position as usize];
                    if let Find::Found(found) = self.found_item(file, inside, item, slot, space, name) {
                        all.push(found);
                    }
                    // Of a name that thousands of types have, each use would have thousands of meanings.
                    if self.tally.is_at_limit() {
                        return;
                    }
                    slots.next();
                }
                (_, Some(_)) if self.tally.is_exhausted() => other = None,
                (_, Some(position)) => {
                    let item = items[position as usize];
                    let is_open = matches!(file.facts.item(item).kind, ItemKind::Open { .. });
                    let (module, _, _) = self.item_module(file, inside, item);
                    let start = all.len();
                    self.every_member(module, space, name, all);
                    if !is_open {
                        for found in all.split_off(start) {
                            if let Find::Found(found) = reexport(Find::Found(found), inside, space, name) {
                                all.push(found);
                            }
                        }
                    }
                    other = others.next();
                }
                _ => return,
            }
        }
    }
}

/// What of a structure is seen.
#[derive(Clone, Copy)]
struct Seen {
    /// Items at this position and later are not.
    before: u32,
    /// Opens count.
    from_inside: bool,
}
