//! Paths: the last component in its name space, the others modules.

use super::env::EnvId;
use super::model::{Addr, Find, Found, Module, unknown};
use super::{EMPTY, Evaluator};
use crate::base::{FileId, Name, RefId};
use crate::parse::{FileFacts, ScopeId};
use crate::resolve::index::Space;

impl Evaluator<'_> {
    /// Resolves the path of a module reference.
    pub(crate) fn module_of_ref(
        &mut self,
        file: FileId,
        facts: &FileFacts,
        path: RefId,
        env: EnvId,
    ) -> Option<Module> {
        let reference = facts.reference(path);
        match self.resolve(file, facts, facts.names(reference.path), reference.scope, env, Space::Module) {
            Find::Found(found) => found.module,
            Find::Unknown(reason) => Some(unknown(Addr::Local, reason)),
            Find::Local | Find::Absent => None,
        }
    }

    /// Resolves a path: its last component in `space`, the others are modules.
    pub(crate) fn resolve(
        &mut self,
        file: FileId,
        _facts: &FileFacts,
        path: &[Name],
        scope: ScopeId,
        env: EnvId,
        space: Space,
    ) -> Find {
        let [first, rest @ ..] = path else { return Find::Absent };
        let start = self.hops.len();
        let Some((last, middle)) = rest.split_last() else {
            self.is_last_relative = false;
            self.is_hidden = false;
            let found = self.lookup(file, scope, env, space, *first);
            self.hops_of_last = start + self.n_opened;
            self.is_head_hidden = self.is_hidden;
            return found;
        };
        self.is_hidden = false;
        let head = self.lookup(file, scope, env, Space::Module, *first);
        let is_head_hidden = self.is_hidden;
        let mut module = match head {
            Find::Found(Found { module: Some(module), .. }) => module,
            Find::Unknown(reason) => return Find::Unknown(reason),
            _ => return Find::Absent,
        };
        for &name in middle {
            module = self.applied(module);
            module = match self.find(module, Space::Module, name) {
                Find::Found(Found { module: Some(module), .. }) => module,
                Find::Unknown(reason) => unknown(module.link.member(name), reason),
                _ => return Find::Absent,
            };
        }
        let start = self.hops.len();
        self.is_last_relative = false;
        module = self.applied(module);
        let found = self.find(module, space, *last);
        self.hops_of_last = start;
        self.is_head_hidden = is_head_hidden;
        match found {
            // The unit is known although its members are not: name it, so that it is linked.
            Find::Unknown(reason) => {
                let link = module.link.member(*last);
                let inner = (space == Space::Module).then(|| unknown(link, reason));
                let origin = link;
                match link {
                    Addr::Field(..) => Find::Found(Found {
                        link,
                        canon: link,
                        origin,
                        item: None,
                        module: inner,
                        absent: false,
                        env: EMPTY,
                    }),
                    Addr::Local => Find::Unknown(reason),
                }
            }
            found => found,
        }
    }
}
