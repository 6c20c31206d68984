//! Plain names, from a scope outwards.

use super::Evaluator;
use super::env::EnvId;
use super::model::{Addr, Find, Module, Reason, Sig, found_module};
use crate::base::{FileId, Name, UnitId};
use crate::parse::{Binder, ScopeId};
use crate::resolve::index::Space;
use crate::resolve::predef::is_predef;

impl Evaluator<'_> {
    /// Looks a plain name up from a scope outwards.
    pub(crate) fn lookup(
        &mut self,
        id: FileId,
        scope: ScopeId,
        env: EnvId,
        space: Space,
        name: Name,
    ) -> Find {
        let Some(file) = self.file(id) else { return Find::Unknown(Reason::Unreadable) };
        let facts = &file.facts;
        let mut unknown = None;
        let mut scope = scope;
        let strides = file.index.strides.as_deref();
        loop {
            if let Some(strides) = strides {
                scope = strides.pass(scope, name);
            }
            let step = facts.scope(scope);
            let mut n_opened = 0;
            let found = match step.binder {
                Binder::File => {
                    let found = self.lookup_outside(file.index.unit, space, name);
                    self.n_opened = 0;
                    return match (found, unknown) {
                        (Find::Absent, Some(reason)) => Find::Unknown(reason),
                        (found, _) => found,
                    };
                }
                Binder::Items { structure, before } => {
                    let inside = self.inside(file, id, structure, env);
                    let found = self.find_inside(file, inside, space, name, before, true);
                    n_opened = self.n_opened;
                    found
                }
                Binder::Values(names) if space == Space::Value && facts.names(names).contains(&name) => {
                    return Find::Local;
                }
                Binder::Exception(names)
                    if space == Space::Constructor && facts.names(names).contains(&name) =>
                {
                    return Find::Local;
                }
                Binder::Types(names) if space == Space::Type && facts.names(names).contains(&name) => {
                    return Find::Local;
                }
                Binder::Module { names, body }
                    if space == Space::Module && facts.names(names).contains(&name) =>
                {
                    let module = self.expression(id, body, env);
                    self.n_opened = 0;
                    return found_module(module, env, true);
                }
                Binder::ModuleParam { names, module_type }
                    if space == Space::Module && facts.names(names).contains(&name) =>
                {
                    let module = match self.param(env, id, scope) {
                        Some(module) => module,
                        None => {
                            let sig = match module_type {
                                Some(ty) => self.module_type(id, ty, env),
                                None => Sig::Unknown(Reason::Untyped),
                            };
                            Module { link: Addr::Local, canon: Addr::Local, sig }
                        }
                    };
                    self.n_opened = 0;
                    return found_module(module, env, false);
                }
                // Behind this one there may be thousands of others, and more for every name.
                Binder::Open { .. } if self.tally.is_exhausted() => return Find::Unknown(Reason::Cycle),
                Binder::Open { module } => {
                    let start = self.hops.len();
                    let module = self.expression(id, module, env);
                    n_opened = self.hops.len() - start;
                    let found = self.find(module, space, name);
                    if !matches!(found, Find::Found(_)) {
                        self.hops.truncate(start);
                    }
                    found
                }
                _ => Find::Absent,
            };
            match found {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => {
                    self.n_opened = n_opened;
                    return found;
                }
            }
            scope = step.parent;
        }
    }

    fn lookup_outside(&mut self, unit: UnitId, space: Space, name: Name) -> Find {
        let opens = self.opens(unit);
        let mut unknown = None;
        for &module in opens.flags.iter().rev() {
            match self.find(module, space, name) {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => return found,
            }
        }
        // A unit on the load path hides the module of that name in the standard library, which is opened first of all.
        if space == Space::Module
            && let Some(found) = self.persistent(unit, name, true)
        {
            return found;
        }
        if let Some(module) = opens.stdlib {
            match self.find(module, space, name) {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => return found,
            }
        }
        if space == Space::Module
            && let Some(found) = self.persistent(unit, name, false)
        {
            return found;
        }
        if is_predef(space, name) {
            return Find::Local;
        }
        unknown.map_or(Find::Absent, Find::Unknown)
    }
}
