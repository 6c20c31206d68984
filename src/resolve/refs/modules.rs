//! What module paths in the text are used for: alias, argument, include, open.

use super::Walk;
use crate::base::{Span, UnitId};
use crate::parse::{Reference, Role};
use crate::resolve::defs::whole;
use crate::resolve::eval::{Addr, Find, Found, Reason, Sig};
use crate::resolve::index::Space;
use crate::resolve::model::{EdgeFlags, EdgeKind, Target};

impl Walk<'_, '_, '_> {
    pub(super) fn module_reference(&mut self, owner: Option<u32>, reference: &Reference) {
        let module = match self.resolve(reference, Space::Module) {
            Find::Found(Found { module: Some(module), .. }) => module,
            Find::Unknown(reason) => return self.unresolved(reference, reason),
            Find::Found(_) | Find::Local => return,
            Find::Absent => return self.unresolved(reference, Reason::Unbound),
        };
        // What is opened or included may have any name, so the names around it may mean something else than it seems.
        if let Sig::Unknown(reason) = module.sig
            && matches!(reference.role, Role::Open | Role::Include)
        {
            self.unresolved(reference, reason);
        }
        let Addr::Field(unit, path) = module.link else { return };
        let target = Target { unit, path };
        let mut flags = EdgeFlags { ambiguous: reference.in_extension, ..EdgeFlags::default() };
        let hops = self.eval.hops.clone();
        match reference.role {
            Role::TypeLevel | Role::Open => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
            }
            Role::Alias => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
                if !self.no_alias_deps() {
                    let head = hops.first().copied().unwrap_or(unit);
                    self.alias_required(owner, &[head], reference.span);
                }
            }
            _ => {
                flags.include = reference.role == Role::Include;
                // Whether a signature narrows it is found by `coercions`, which clears the flag.
                flags.whole =
                    matches!(reference.role, Role::Argument | Role::Pack | Role::Coerced | Role::Plain);
                self.edge(owner, EdgeKind::Module, target, Space::Module, reference.span, flags);
                if !self.no_alias_deps() {
                    self.alias_required(owner, hops.get(1..).unwrap_or(&[]), reference.span);
                }
            }
        }
    }

    pub(super) fn alias_required(&mut self, owner: Option<u32>, heads: &[UnitId], span: Span) {
        for &unit in heads {
            if unit == self.unit {
                continue;
            }
            let flags = EdgeFlags { alias_required: true, ..EdgeFlags::default() };
            self.edge(owner, EdgeKind::Module, Target { unit, path: whole() }, Space::Module, span, flags);
        }
    }

    pub(super) fn no_alias_deps(&self) -> bool {
        self.eval.world.project.unit(self.unit).no_alias_deps
    }
}
