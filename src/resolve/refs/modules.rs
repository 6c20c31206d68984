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
        let is_head_hidden = self.eval.is_head_hidden;
        let (hops_of_last, is_last_relative) = (self.eval.hops_of_last, self.eval.is_last_relative);
        match reference.role {
            Role::TypeLevel | Role::Open => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
            }
            Role::Alias => {
                let mut kind = EdgeKind::Name;
                if is_head_hidden {
                    kind = EdgeKind::Module;
                    flags = EdgeFlags { export: true, whole: true, ..flags };
                }
                self.edge(owner, kind, target, Space::Module, reference.span, flags);
                if !self.no_alias_deps() {
                    self.alias_required(owner, &[hops.first().copied().unwrap_or(unit)], reference.span);
                }
            }
            _ => {
                flags.include = reference.role == Role::Include;
                // Whether a signature narrows it is found by `coercions`, which clears the flag.
                flags.whole = matches!(
                    reference.role,
                    Role::Argument | Role::Pack | Role::Coerced | Role::CoercedBinding | Role::Plain
                );
                self.edge(owner, EdgeKind::Module, target, Space::Module, reference.span, flags);
                if !self.no_alias_deps() {
                    // The path is as written; what its last component is an alias of is followed to the end.
                    if is_last_relative {
                        self.alias_required(owner, &hops[..hops_of_last], reference.span);
                    }
                    let heads = hops.get(hops_of_last + 1..).unwrap_or(&[]);
                    self.alias_required(owner, heads, reference.span);
                    if reference.role == Role::CoercedBinding {
                        // The binding is an alias to the compiler until it meets its signature, and then the path is
                        // followed from its head.
                        let head = hops.first().copied().unwrap_or(unit);
                        self.alias_required(owner, &[head], reference.span);
                        self.alias_required(owner, &hops, reference.span);
                    }
                }
            }
        }
    }

    pub(super) fn alias_required(&mut self, owner: Option<u32>, heads: &[UnitId], span: Span) {
        for (number, &unit) in heads.iter().enumerate() {
            if unit == self.unit || heads[..number].contains(&unit) {
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
