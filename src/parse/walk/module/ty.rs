//! Module types, and the constraints of `with`.

use super::FunctorSlot;
use crate::base::Idx;
use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Place, Task, Walk};
use crate::parse::{ModuleType, ModuleTypeId, Names, RefKind, Role, WithConstraint};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(in crate::parse::walk) fn module_type(&mut self, node: Node<'t>, kind: Kind, id: ModuleTypeId) {
        match kind {
            Kind::ModuleTypePath => {
                let path = self.path_ref(node, RefKind::ModuleType, Role::Plain);
                self.facts.module_types[id.idx()] = ModuleType::Path(path);
            }
            Kind::ModulePath | Kind::ExtendedModulePath => {
                let path = self.module_ref(node, Role::TypeLevel);
                self.facts.module_types[id.idx()] = ModuleType::Alias(path);
            }
            Kind::Signature => {
                let structure = self.structure(node, true);
                self.facts.module_types[id.idx()] = ModuleType::Signature(structure);
            }
            Kind::ModuleTypeConstraint => self.module_type_constraint(node, id),
            Kind::ModuleTypeOf => {
                let children = self.children(node);
                self.tasks.push(Task::BeginTypeLevel);
                for &child in &children {
                    if child.field == Field::Module {
                        let module = self.plan_module_expr(child, Role::TypeLevel);
                        self.facts.module_types[id.idx()] = ModuleType::TypeOf(module);
                    } else {
                        self.plan(child, Place::Plain);
                    }
                }
                self.tasks.push(Task::EndTypeLevel);
                self.recycle(children);
            }
            Kind::FunctorType => self.functor_type(node, id),
            Kind::ParenthesizedModuleType => {
                let children = self.children(node);
                for &child in &children {
                    match child.kind {
                        Kind::Error => self.plan(child, Place::Plain),
                        Kind::Token | Kind::Leaf => {}
                        _ => self.tasks.push(Task::ModuleType(child.node, child.kind, id)),
                    }
                }
                self.recycle(children);
            }
            _ => self.tasks.push(Task::Visit(node, kind, Place::Plain)),
        }
    }

    fn functor_type(&mut self, node: Node<'t>, id: ModuleTypeId) {
        let scope = self.scope();
        let children = self.children(node);
        let mut at = id;
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::ModuleParameter, _) => {
                    let result = self.new_module_type();
                    self.tasks.push(Task::FunctorParam(child.node, FunctorSlot::Type(at, result)));
                    at = result;
                }
                (_, Field::Domain) => {
                    let result = self.new_module_type();
                    let domain = self.plan_module_type(child);
                    let slot = FunctorSlot::Type(at, result);
                    self.tasks.push(Task::BindFunctorParam(slot, Names::default(), domain));
                    at = result;
                }
                (_, Field::Codomain) => self.tasks.push(Task::ModuleType(child.node, child.kind, at)),
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
        self.tasks.push(Task::Scope(scope));
    }

    fn module_type_constraint(&mut self, node: Node<'t>, id: ModuleTypeId) {
        let children = self.children(node);
        let is_constraint =
            |kind| matches!(kind, Kind::ConstrainType | Kind::ConstrainModule | Kind::ConstrainModuleType);
        let start = self.facts.constraints.len() as u32;
        let mut end = start;
        for &child in &children {
            if child.field == Field::ModuleType {
                let base = self.plan_module_type(child);
                let n = children.iter().filter(|child| is_constraint(child.kind)).count();
                self.facts.module_types[id.idx()] =
                    ModuleType::With { base, constraints: start..start + n as u32 };
            } else if is_constraint(child.kind) {
                // The places are taken now, so that they are adjacent; constraints inside constraints come behind.
                let place = WithConstraint::Type { path: Names::default(), is_destructive: false };
                self.facts.constraints.push(place);
                self.tasks.push(Task::WithConstraint(child.node, child.kind, end));
                end += 1;
            } else {
                self.plan(child, Place::Plain);
            }
        }
        self.recycle(children);
    }

    pub(in crate::parse::walk) fn with_constraint(&mut self, node: Node<'t>, kind: Kind, at: u32) {
        let children = self.children(node);
        let is_destructive = children.iter().any(|child| child.kind == Kind::Substitution);
        let mut path = Names::default();
        let mut is_path_read = false;
        for &child in &children {
            let is_path =
                matches!(child.kind, Kind::TypeConstructorPath | Kind::ModulePath | Kind::ModuleTypePath);
            if is_path && !is_path_read && child.field == Field::Other {
                path = self.path(child.node, &mut Vec::new());
                is_path_read = true;
                self.facts.constraints[at as usize] = WithConstraint::Type { path, is_destructive };
                continue;
            }
            match (kind, child.field) {
                (Kind::ConstrainModule, Field::Constraint) => {
                    // `with module X := P` puts P in the place of X, and so asks for what it is.
                    let role = if is_destructive { Role::Typed } else { Role::TypeLevel };
                    let target = self.module_ref(child.node, role);
                    self.facts.constraints[at as usize] =
                        WithConstraint::Module { path, target, is_destructive };
                }
                (Kind::ConstrainModuleType, Field::Constraint) => {
                    let target = self.plan_module_type(child);
                    self.facts.constraints[at as usize] =
                        WithConstraint::ModuleType { path, target, is_destructive };
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
    }
}
