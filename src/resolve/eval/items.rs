//! The module that an item binds, includes or opens, and the aliases that are only names.

use super::env::EnvId;
use super::model::{Addr, Inside, Module, Reason, unknown};
use super::{Evaluator, Hops};
use crate::base::{FileId, RefId};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleExpr, ModuleType};
use crate::resolve::world::File;
use std::sync::Arc;

impl Evaluator<'_> {
    /// Returns the module that an item binds, includes or opens; whether it is only a name for another one; and the
    /// units whose alias tables were followed to find it.
    pub(super) fn item_module(&mut self, file: &File, inside: Inside, item: ItemId) -> (Module, bool, Hops) {
        if let Some(((module, absent), trail)) = self.items.get_mut(&(inside, item)) {
            self.mentioned.add_all(&trail.mentioned);
            self.read.get_mut().add_all(&trail.read);
            self.tally.count(&mut trail.cost, 1);
            return (*module, *absent, trail.hops.clone());
        }
        if self.tally.is_at_limit() {
            return (unknown(inside.link, Reason::Cycle), false, Arc::from([]));
        }
        self.tally.enter();
        let (found, trail) = self.on_the_way(|eval| eval.eval_item(&file.facts, inside, item));
        self.tally.leave();
        self.mentioned.add_all(&trail.mentioned);
        let hops = trail.hops.clone();
        self.items.insert((inside, item), (found, trail));
        (found.0, found.1, hops)
    }

    fn eval_item(&mut self, facts: &FileFacts, inside: Inside, item: ItemId) -> (Module, bool) {
        let Inside { file, env, link, canon, .. } = inside;
        let bound = |names| facts.names(names).first().copied().unwrap_or_else(|| crate::base::name("_"));
        match &facts.item(item).kind {
            ItemKind::Module { names, body, .. } => {
                let name = bound(*names);
                let at = (link.member(name), canon.member(name));
                if let ModuleExpr::Path(path) = facts.module_expr(*body) {
                    return self.alias(file, facts, *path, env, at);
                }
                (self.module_expr(file, *body, env, at), false)
            }
            ItemKind::ModuleSpec { names, body, .. } => {
                let name = bound(*names);
                let at = (link.member(name), canon.member(name));
                if let ModuleType::Alias(path) = facts.module_type(*body) {
                    return self.alias(file, facts, *path, env, at);
                }
                (Module { link: at.0, canon: at.1, sig: self.module_type(file, *body, env) }, false)
            }
            ItemKind::ModuleSubstitution { names, path } => {
                let name = bound(*names);
                self.alias(file, facts, *path, env, (link.member(name), canon.member(name)))
            }
            ItemKind::Include { module } | ItemKind::Open { module, .. } => {
                (self.module_expr(file, *module, env, (link, canon)), false)
            }
            ItemKind::IncludeType { module_type } => {
                (Module { link, canon, sig: self.module_type(file, *module_type, env) }, false)
            }
            _ => (unknown(link, Reason::Unbound), false),
        }
    }

    /// `module X = P`: only a name for P, unless P is reached through a variable or its head is hidden from outside; then
    /// X is a field of its own.
    fn alias(
        &mut self,
        file: FileId,
        facts: &FileFacts,
        path: RefId,
        env: EnvId,
        at: (Addr, Addr),
    ) -> (Module, bool) {
        match self.module_of_ref(file, facts, path, env) {
            Some(target) if target.link == Addr::Local || self.is_head_hidden => {
                let canon = if target.canon == Addr::Local { at.1 } else { target.canon };
                (Module { link: at.0, canon, sig: target.sig }, false)
            }
            Some(target) => (target, true),
            None => (unknown(at.0, Reason::Unbound), false),
        }
    }
}
