//! Modules: their bindings, the parameters of functors, and what stands for an expression or type still to be walked.
//!
//! The id of an expression is made before it is walked, so that the expression around it can be written at once; what
//! it is gets filled in by [`Walk::module_expr`] when its turn in the source comes.
//!
//! `expr` walks module expressions, `ty` module types.

mod expr;
mod ty;

use super::{Child, Place, Task, Walk, span};
use crate::base::{Idx, RefId, Span};
use crate::parse::syntax::{Field, Kind};
use crate::parse::{
    Binder, ModuleExpr, ModuleExprId, ModuleType, ModuleTypeId, Names, Param, RefKind, Role, ScopeId,
};
use tree_sitter::Node;

/// The functor, or functor type, that a parameter belongs to, with its body.
#[derive(Clone, Copy)]
pub(super) enum FunctorSlot {
    Expr(ModuleExprId, ModuleExprId),
    Type(ModuleTypeId, ModuleTypeId),
}

/// What a module binding says.
pub(super) struct ModuleBinding {
    /// The one name; empty for `_`.
    pub names: Names,
    /// Parameters and signature folded in; which one depends on where it stands.
    pub body: ModuleBody,
}

/// The right-hand side of a module binding.
#[derive(Clone, Copy)]
pub(super) enum ModuleBody {
    Expr(ModuleExprId),
    Type(ModuleTypeId),
    /// `module X := P`
    Substitution(Span),
}

impl<'t> Walk<'t> {
    /// Plans the walk of `X (P : S) : R = E`, in a structure, a signature or a `let`; leaves the scope at its end.
    pub(super) fn module_binding(
        &mut self,
        node: Node<'t>,
        is_signature: bool,
        is_recursive: bool,
    ) -> ModuleBinding {
        let scope: ScopeId = self.scope();
        let children = self.children(node);
        let has_body = children.iter().any(|child| child.field == Field::Body);
        let is_substitution = children.iter().any(|child| child.kind == Kind::Substitution);
        let is_typed = children.iter().any(|child| child.field == Field::ModuleType);
        // `module X : S` without a body stands in signatures, and in structures only where something is broken.
        let is_expr = !is_signature && has_body;
        let mut names = Names::default();
        let (mut expr, mut module_type) = (None, None);
        let body = match (is_substitution, is_expr) {
            (true, _) => {
                let path = children.iter().find(|child| child.field == Field::Body);
                ModuleBody::Substitution(path.map_or(span(node), |child| span(child.node)))
            }
            (_, true) => {
                let id = self.new_module_expr();
                expr = Some(id);
                ModuleBody::Expr(id)
            }
            (_, false) => {
                let id = self.new_module_type();
                module_type = Some(id);
                ModuleBody::Type(id)
            }
        };
        let has_params = children.iter().any(|child| child.kind == Kind::ModuleParameter);
        self.counts.functions += u32::from(has_params);
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::ModuleName, Field::Other) => names = self.module_name(child.node),
                (Kind::ModuleParameter, _) => {
                    let slot = match (expr, module_type) {
                        (Some(at), _) => {
                            let body = self.new_module_expr();
                            expr = Some(body);
                            FunctorSlot::Expr(at, body)
                        }
                        (None, at) => {
                            let at = at.unwrap_or_else(|| self.new_module_type());
                            let result = self.new_module_type();
                            module_type = Some(result);
                            FunctorSlot::Type(at, result)
                        }
                    };
                    self.tasks.push(Task::FunctorParam(child.node, slot));
                }
                (_, Field::ModuleType) => match expr {
                    Some(at) => {
                        let constraint = self.plan_module_type(child);
                        let inner = self.new_module_expr();
                        self.facts.module_exprs[at.idx()] =
                            ModuleExpr::Constraint { module: inner, module_type: constraint };
                        expr = Some(inner);
                    }
                    None => {
                        let id = module_type.unwrap_or_else(|| self.new_module_type());
                        self.tasks.push(Task::ModuleType(child.node, child.kind, id));
                    }
                },
                (_, Field::Body) => match (expr, module_type) {
                    (Some(id), _) => {
                        let role = match (is_typed, has_params) {
                            // A recursive module is never an alias.
                            (true, has_params) if has_params || is_recursive => Role::Coerced,
                            (true, _) => Role::CoercedBinding,
                            (false, true) => Role::Plain,
                            (false, false) => Role::Alias,
                        };
                        self.tasks.push(Task::ModuleExpr(child.node, child.kind, id, role));
                    }
                    (None, Some(id)) => self.tasks.push(Task::ModuleType(child.node, child.kind, id)),
                    // `module X := P` names P and no more.
                    (None, None) if matches!(child.kind, Kind::ModulePath | Kind::ExtendedModulePath) => {
                        self.module_ref(child.node, Role::TypeLevel);
                    }
                    (None, None) => self.plan(child, Place::Plain),
                },
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
        self.tasks.push(Task::Scope(scope));
        ModuleBinding { names, body }
    }

    /// Makes the id of a module expression that is still to be walked.
    pub(super) fn new_module_expr(&mut self) -> ModuleExprId {
        self.facts.module_exprs.push(ModuleExpr::Unknown);
        ModuleExprId::new(self.facts.module_exprs.len() - 1)
    }

    /// Makes the id of a module type that is still to be walked.
    pub(super) fn new_module_type(&mut self) -> ModuleTypeId {
        self.facts.module_types.push(ModuleType::Unknown);
        ModuleTypeId::new(self.facts.module_types.len() - 1)
    }

    /// Plans the walk of a module expression and returns its id.
    pub(super) fn plan_module_expr(&mut self, child: Child<'t>, role: Role) -> ModuleExprId {
        let id = self.new_module_expr();
        self.tasks.push(Task::ModuleExpr(child.node, child.kind, id, role));
        id
    }

    /// Plans the walk of a module type and returns its id.
    pub(super) fn plan_module_type(&mut self, child: Child<'t>) -> ModuleTypeId {
        let id = self.new_module_type();
        self.tasks.push(Task::ModuleType(child.node, child.kind, id));
        id
    }

    /// Adds a reference to a module.
    pub(super) fn module_ref(&mut self, node: Node<'t>, role: Role) -> RefId {
        self.path_ref(node, RefKind::Module, role)
    }

    /// The bound name of a module; nothing for `_`.
    pub(super) fn module_name(&mut self, node: Node<'t>) -> Names {
        match self.text_of(node) {
            b"_" => Names::default(),
            _ => {
                let name = self.intern_node(node);
                self.bound_names([(name, span(node))])
            }
        }
    }

    pub(super) fn functor_param(&mut self, node: Node<'t>, slot: FunctorSlot) {
        self.counts.parameters += 1;
        let children = self.children(node);
        let mut names = Names::default();
        let mut module_type = None;
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::ModuleName, _) => names = self.module_name(child.node),
                (_, Field::ModuleType) => module_type = Some(self.plan_module_type(child)),
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
        match module_type {
            Some(module_type) => self.tasks.push(Task::BindFunctorParam(slot, names, module_type)),
            None => self.fill_functor(slot, None),
        }
    }

    pub(super) fn bind_functor_param(&mut self, slot: FunctorSlot, names: Names, module_type: ModuleTypeId) {
        let scope = self.enter(Binder::ModuleParam { names, module_type: Some(module_type) });
        self.fill_functor(slot, Some(Param { names, module_type, scope }));
    }

    fn fill_functor(&mut self, slot: FunctorSlot, param: Option<Param>) {
        match slot {
            FunctorSlot::Expr(id, body) => {
                self.facts.module_exprs[id.idx()] = ModuleExpr::Functor { param, body }
            }
            FunctorSlot::Type(id, result) => {
                self.facts.module_types[id.idx()] = ModuleType::Functor { param, result }
            }
        }
    }
}
