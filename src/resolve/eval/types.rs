//! Module types.

use super::Evaluator;
use super::env::{EnvId, Frame};
use super::model::{Find, Found, Reason, Sig, With};
use crate::base::FileId;
use crate::parse::{ItemKind, ModuleExpr, ModuleType, ModuleTypeId};
use crate::resolve::index::Space;

impl Evaluator<'_> {
    /// Evaluates a module type.
    pub(crate) fn module_type(&mut self, file: FileId, ty: ModuleTypeId, env: EnvId) -> Sig {
        if self.tally.is_at_limit() {
            return Sig::Unknown(Reason::Cycle);
        }
        self.tally.enter();
        let sig = self.eval_type(file, ty, env);
        self.tally.leave();
        sig
    }

    fn eval_type(&mut self, file: FileId, ty: ModuleTypeId, env: EnvId) -> Sig {
        let Some(loaded) = self.file(file) else { return Sig::Unknown(Reason::Unreadable) };
        let facts = &loaded.facts;
        match facts.module_type(ty) {
            ModuleType::Signature(structure) => Sig::Structure { file, structure: *structure, env },
            ModuleType::Functor { .. } => Sig::FunctorType { file, ty, env },
            ModuleType::TypeOf(module) => {
                let sig = self.expression(file, *module, env).sig;
                match (facts.module_expr(*module), sig) {
                    (ModuleExpr::Structure(_), Sig::Structure { file, structure, env }) => {
                        match self.push(env, Frame::TypeOf { file, structure }) {
                            Some(env) => Sig::Structure { file, structure, env },
                            None => Sig::Unknown(Reason::Cycle),
                        }
                    }
                    _ => sig,
                }
            }
            ModuleType::With { base, .. } => {
                let base = self.module_type(file, *base, env);
                if let Sig::Unknown(_) = base {
                    return base;
                }
                let with = With { base, file, ty, env };
                let next = self.withs.len() as u32;
                let id = *self.with_ids.entry(with).or_insert(next);
                if id == next {
                    self.withs.push(with);
                }
                Sig::With(id)
            }
            ModuleType::Alias(path) => match self.module_of_ref(file, facts, *path, env) {
                Some(module) => module.sig,
                None => Sig::Unknown(Reason::Unbound),
            },
            ModuleType::Path(path) => {
                let reference = facts.reference(*path);
                let found = self.resolve(
                    file,
                    facts,
                    facts.names(reference.path),
                    reference.scope,
                    env,
                    Space::ModuleType,
                );
                match found {
                    Find::Found(found) => self.module_type_of(&found),
                    Find::Unknown(reason) => Sig::Unknown(reason),
                    Find::Local => Sig::Unknown(Reason::AbstractModuleType),
                    Find::Absent => Sig::Unknown(Reason::Unbound),
                }
            }
            ModuleType::Unknown => Sig::Unknown(Reason::Extension),
        }
    }

    fn module_type_of(&mut self, found: &Found) -> Sig {
        let Some(binding) = found.item else { return Sig::Unknown(Reason::AbstractModuleType) };
        let Some(loaded) = self.file(binding.file) else { return Sig::Unknown(Reason::Unreadable) };
        match &loaded.facts.item(binding.item).kind {
            ItemKind::ModuleTypeDef { body: Some(body), .. } => {
                self.module_type(binding.file, *body, found.env)
            }
            _ => Sig::Unknown(Reason::AbstractModuleType),
        }
    }

    pub(super) fn has_open_module_types(&self, sig: Sig) -> bool {
        let Sig::Structure { file, structure, .. } = sig else { return false };
        let Some(loaded) = self.file(file) else { return false };
        let items = &loaded.facts.structure(structure).items;
        items
            .iter()
            .any(|&item| matches!(loaded.facts.item(item).kind, ItemKind::ModuleTypeDef { body: None, .. }))
    }
}
