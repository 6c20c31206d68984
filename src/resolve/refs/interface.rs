//! What the interface of a unit hides, and the aliases that it makes fields.

use super::coercions::materialized;
use super::path::split_last;
use super::{Walk, space_of};
use crate::base::{Name, Span};
use crate::parse::{ItemKind, ModuleExpr};
use crate::resolve::defs::whole;
use crate::resolve::eval::{Addr, EMPTY, Find, Module};
use crate::resolve::index::Space;
use crate::resolve::model::{DefKind, EdgeFlags, EdgeKind, Target};
use rustc_hash::FxHashMap;

impl Walk<'_, '_, '_> {
    /// What the interface hides, and the aliases that it turns into fields.
    pub(super) fn interface(&mut self) {
        for (number, def) in self.defs.defs.iter().enumerate() {
            if def.kind == DefKind::Alias
                && let ItemKind::Module { body, .. } = &self.facts.item(def.item).kind
                && let ModuleExpr::Path(path) = self.facts.module_expr(*body)
                && let Some(target) = self.eval.module_of_ref(self.file, self.facts, *path, EMPTY)
                && let Addr::Field(unit, path) = target.link
            {
                self.out.alias_of.push((number as u32, Target { unit, path }));
            }
        }
        if self.eval.world.project.unit(self.unit).signature().is_none() {
            self.out.hidden.extend(
                (0u32..).zip(&self.defs.defs).filter(|(_, def)| def.hidden).map(|(number, _)| number),
            );
            return;
        }
        let Some(source) = self.eval.unit_inside(self.unit) else { return };
        let wanted = self.eval.unit_module(self.unit);
        let mut aliases = Vec::new();
        materialized(self.eval, source, wanted, whole(), &mut aliases, 0);
        for (path, module) in aliases {
            let number = self.defs.last(Space::Module, path);
            if let Some(number) = number
                && self.defs.defs[number as usize].kind == DefKind::Alias
            {
                self.out.sealed.push(number);
            }
            let Addr::Field(unit, target) = module.link else { continue };
            let owner = number.or_else(|| self.nearest(path)).or_else(|| self.first_effect());
            let span = number.map_or(Span::default(), |number| self.defs.defs[number as usize].name_span);
            let flags = EdgeFlags { export: true, whole: true, ..EdgeFlags::default() };
            self.edge(owner, EdgeKind::Module, Target { unit, path: target }, Space::Module, span, flags);
        }
        self.hide(wanted);
    }

    /// The innermost module of this unit around a path.
    fn nearest(&self, path: Name) -> Option<u32> {
        let mut around = split_last(path).0;
        while !around.is_empty() {
            if let Some(number) = self.defs.last(Space::Module, around) {
                return Some(number);
            }
            around = split_last(around).0;
        }
        None
    }

    fn first_effect(&self) -> Option<u32> {
        (0u32..).zip(&self.defs.defs).find(|(_, def)| def.kind == DefKind::Effect).map(|(number, _)| number)
    }

    fn hide(&mut self, wanted: Module) {
        let mut exported: FxHashMap<Name, Option<Module>> = FxHashMap::default();
        exported.insert(whole(), Some(wanted));
        for number in 0..self.defs.defs.len() {
            let def = self.defs.defs[number].clone();
            if def.kind == DefKind::Effect {
                continue;
            }
            let (prefix, last) = split_last(def.path);
            let outer = exported.get(&prefix).copied().flatten();
            let space = space_of(def.kind);
            // Inside a functor the names of the result count; there is no address for them, so all are kept.
            let found = match outer {
                Some(outer) if def.in_functor.is_none() => self.eval.find(outer, space, last),
                _ if def.in_functor.is_some() => continue,
                _ => Find::Absent,
            };
            let is_shadowed = self.defs.last(space, def.path) != Some(number as u32);
            match found {
                Find::Found(found) => {
                    if space == Space::Module {
                        exported.insert(def.path, found.module);
                    }
                    if is_shadowed {
                        self.out.hidden.push(number as u32);
                    }
                }
                Find::Unknown(_) => {}
                _ => self.out.hidden.push(number as u32),
            }
        }
    }
}
