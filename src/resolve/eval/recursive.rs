//! Recursive modules before they are there: which of them something may stand for until their code has run.
//!
//! The compiler makes a stand-in (`CamlinternalMod.init_mod`) for each module of a group whose signature has functions, lazy
//! values, classes and modules of such alone. What has anything else must be ready when it is used, so the compiler puts it
//! behind what it needs, without a stand-in. Source: `init_shape` in `lambda/translmod.ml` of OCaml 4.13 and 5.3.

use super::Evaluator;
use super::env::EnvId;
use super::model::{Find, Found, Sig};
use crate::base::{FileId, RefId};
use crate::parse::{FileFacts, ItemKind, ModuleType, TypeHead};
use crate::resolve::index::Space;

impl Evaluator<'_> {
    /// Whether the compiler may make a stand-in for a module of a signature: no if that is certain.
    pub(crate) fn may_stand_in(&mut self, sig: Sig) -> bool {
        self.may_stand_in_with(sig, false)
    }

    /// `is_constrained`: types without a definition may have one by a constraint around.
    fn may_stand_in_with(&mut self, sig: Sig, is_constrained: bool) -> bool {
        if self.tally.is_at_limit() {
            return true;
        }
        self.tally.enter();
        let may = match sig {
            Sig::Structure { file, structure, env } => match self.file(file) {
                Some(loaded) => {
                    let facts = &loaded.facts;
                    let items = &facts.structure(structure).items;
                    items.iter().all(|&item| {
                        let item = facts.item(item);
                        match &item.kind {
                            ItemKind::ValueSpec { head, .. } => match *head {
                                TypeHead::Function | TypeHead::Path(None) => true,
                                TypeHead::Path(Some(path)) => {
                                    !self.is_data(file, facts, path, env, is_constrained)
                                }
                                TypeHead::Other => false,
                            },
                            ItemKind::Exception { .. } | ItemKind::TypeExtension { .. } => false,
                            ItemKind::ModuleSpec { body, .. } => match facts.module_type(*body) {
                                ModuleType::Alias(_) => true,
                                _ => {
                                    let inner = self.module_type(file, *body, env);
                                    self.may_stand_in_with(inner, is_constrained)
                                }
                            },
                            ItemKind::IncludeType { module_type } => {
                                let included = self.module_type(file, *module_type, env);
                                self.may_stand_in_with(included, is_constrained)
                            }
                            _ => true,
                        }
                    })
                }
                None => true,
            },
            Sig::With(with) => {
                let base = self.withs[with as usize].base;
                self.may_stand_in_with(base, true)
            }
            Sig::FunctorExpr { .. } | Sig::FunctorType { .. } => false,
            Sig::Generated(_) | Sig::Derived { .. } | Sig::Unknown(_) => true,
        };
        self.tally.leave();
        may
    }

    /// Whether a type is certainly neither a function nor lazy: one of the language's, or one of constructors, of fields or
    /// without a definition.
    fn is_data(
        &mut self,
        file: FileId,
        facts: &FileFacts,
        path: RefId,
        env: EnvId,
        is_constrained: bool,
    ) -> bool {
        let reference = facts.reference(path);
        let names = facts.names(reference.path);
        match self.resolve(file, facts, names, reference.scope, env, Space::Type) {
            Find::Found(Found { item: Some(binding), .. }) => {
                let Some(loaded) = self.file(binding.file) else { return false };
                match &loaded.facts.item(binding.item).kind {
                    ItemKind::Type { constructors, fields, is_abstract, is_open, .. } => {
                        let has_parts = !constructors.range().is_empty() || !fields.range().is_empty();
                        has_parts || *is_open || *is_abstract && !is_constrained
                    }
                    _ => false,
                }
            }
            Find::Local => names.len() == 1 && names[0].as_str() != "lazy_t",
            _ => false,
        }
    }
}
