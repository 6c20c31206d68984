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
        let is_head_hidden = self.eval.is_head_hidden;
        let way = Way {
            hops: self.eval.hops.clone(),
            n_before: self.eval.hops_of_last,
            is_last_relative: self.eval.is_last_relative,
            unit,
        };
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
                self.required_by_alias(owner, &way, reference.span);
            }
            Role::Typed => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
                self.required_by_use(owner, &way, reference.span);
            }
            Role::TypedAlias => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
                self.required_by_alias(owner, &way, reference.span);
            }
            Role::TypedBinding => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
                self.required_by_use(owner, &way, reference.span);
                self.required_by_binding(owner, &way, reference.span);
            }
            _ => {
                flags.include = reference.role == Role::Include;
                // Whether a signature narrows it is found by `coercions`, which clears the flag.
                flags.whole = matches!(
                    reference.role,
                    Role::Argument | Role::Pack | Role::Coerced | Role::CoercedBinding | Role::Plain
                );
                self.edge(owner, EdgeKind::Module, target, Space::Module, reference.span, flags);
                self.required_by_use(owner, &way, reference.span);
                if reference.role == Role::CoercedBinding {
                    self.required_by_binding(owner, &way, reference.span);
                }
            }
        }
    }

    /// The module gets another name: the path's head, as it is written.
    fn required_by_alias(&mut self, owner: Option<u32>, way: &Way, span: Span) {
        if !self.no_alias_deps() {
            self.alias_required(owner, &[way.head()], span);
        }
    }

    /// The module is used. The path is as written; what its last component is an alias of is followed to the end.
    fn required_by_use(&mut self, owner: Option<u32>, way: &Way, span: Span) {
        if self.no_alias_deps() {
            return;
        }
        if way.is_last_relative {
            self.alias_required(owner, &way.hops[..way.n_before], span);
        }
        self.alias_required(owner, way.hops.get(way.n_before + 1..).unwrap_or(&[]), span);
    }

    /// The binding is an alias to the compiler until it meets its signature, and then the path is followed from its head.
    fn required_by_binding(&mut self, owner: Option<u32>, way: &Way, span: Span) {
        if !self.no_alias_deps() {
            self.alias_required(owner, &[way.head()], span);
            self.alias_required(owner, &way.hops, span);
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

/// How a path leads to a module.
struct Way {
    /// The units whose alias tables are gone through, in order.
    hops: Vec<UnitId>,
    /// How many of them come before the last component.
    n_before: usize,
    /// Whether that component, if it is an alias, is one of a neighbour in the same unit.
    is_last_relative: bool,
    /// The unit that has the module.
    unit: UnitId,
}

impl Way {
    /// The unit that the path begins with.
    fn head(&self) -> UnitId {
        self.hops.first().copied().unwrap_or(self.unit)
    }
}
