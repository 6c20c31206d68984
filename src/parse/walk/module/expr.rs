//! Module expressions.

use super::FunctorSlot;
use crate::base::Idx;
use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Place, Task, Walk};
use crate::parse::{ModuleExpr, ModuleExprId, Role};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(in crate::parse::walk) fn module_expr(
        &mut self,
        node: Node<'t>,
        kind: Kind,
        id: ModuleExprId,
        role: Role,
    ) {
        match kind {
            Kind::ModulePath | Kind::ExtendedModulePath => {
                let path = self.module_ref(node, role);
                self.facts.module_exprs[id.idx()] = ModuleExpr::Path(path);
            }
            Kind::Structure => {
                let structure = self.structure(node, false);
                self.facts.module_exprs[id.idx()] = ModuleExpr::Structure(structure);
            }
            Kind::Functor => self.functor(node, id),
            Kind::ModuleApplication => {
                self.counts.applications += 1;
                self.counts.arguments += 1;
                let children = self.children(node);
                let (mut functor, mut argument) = (None, None);
                for &child in &children {
                    match child.field {
                        Field::Functor => functor = Some(self.plan_module_expr(child, Role::Functor)),
                        Field::Argument => argument = Some(self.plan_module_expr(child, Role::Argument)),
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.recycle(children);
                if let Some(functor) = functor {
                    self.facts.module_exprs[id.idx()] = ModuleExpr::Apply { functor, argument };
                }
            }
            Kind::TypedModuleExpression => {
                let children = self.children(node);
                let is_typed = children.iter().any(|child| child.field == Field::ModuleType);
                let (mut module, mut module_type) = (None, None);
                for &child in &children {
                    match child.field {
                        Field::Module if is_typed => {
                            let is_binding = matches!(role, Role::Alias | Role::CoercedBinding);
                            let role = if is_binding { Role::CoercedBinding } else { Role::Coerced };
                            module = Some(self.plan_module_expr(child, role))
                        }
                        Field::Module => self.tasks.push(Task::ModuleExpr(child.node, child.kind, id, role)),
                        Field::ModuleType => module_type = Some(self.plan_module_type(child)),
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.recycle(children);
                if let (Some(module), Some(module_type)) = (module, module_type) {
                    self.facts.module_exprs[id.idx()] = ModuleExpr::Constraint { module, module_type };
                }
            }
            Kind::ParenthesizedModuleExpression => {
                let children = self.children(node);
                for &child in &children {
                    match child.kind {
                        Kind::Error => self.plan(child, Place::Plain),
                        Kind::Token | Kind::Leaf => {}
                        _ => self.tasks.push(Task::ModuleExpr(child.node, child.kind, id, role)),
                    }
                }
                self.recycle(children);
            }
            Kind::PackedModule => {
                let children = self.children(node);
                let mut module_type = None;
                for &child in &children {
                    match child.field {
                        // `(val e : S :> T)` is a T.
                        Field::ModuleType | Field::Coercion => {
                            module_type = Some(self.plan_module_type(child))
                        }
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.recycle(children);
                self.facts.module_exprs[id.idx()] = ModuleExpr::Unpack { module_type, value: None };
                if module_type.is_none() {
                    self.unpack(node, id);
                }
            }
            _ => self.tasks.push(Task::Visit(node, kind, Place::Plain)),
        }
    }

    fn functor(&mut self, node: Node<'t>, id: ModuleExprId) {
        self.counts.functions += 1;
        let scope = self.scope();
        let children = self.children(node);
        let mut at = id;
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::ModuleParameter, _) => {
                    let body = self.new_module_expr();
                    self.tasks.push(Task::FunctorParam(child.node, FunctorSlot::Expr(at, body)));
                    at = body;
                }
                (_, Field::Body) => {
                    self.tasks.push(Task::ModuleExpr(child.node, child.kind, at, Role::Plain))
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
        self.tasks.push(Task::Scope(scope));
    }
}
