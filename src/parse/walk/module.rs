//! Module expressions and module types.
//!
//! The id of an expression is made before it is walked, so that the expression around it can be written at once; what
//! it is gets filled in by [`Walk::module_expr`] when its turn in the source comes.

use super::super::syntax::{Field, Kind};
use super::super::{
    Binder, ModuleExpr, ModuleExprId, ModuleType, ModuleTypeId, Names, Param, RefKind, Role, ScopeId,
    WithConstraint,
};
use super::{Child, Place, Task, Walk, span};
use crate::base::{Idx, RefId, Span};
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

    pub(super) fn module_expr(&mut self, node: Node<'t>, kind: Kind, id: ModuleExprId, role: Role) {
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
                self.facts.module_exprs[id.idx()] = ModuleExpr::Unpack { module_type };
                if module_type.is_none() && self.packs(node) {
                    self.tasks.push(Task::EndUnpack(id, self.packed.len()));
                }
            }
            _ => self.tasks.push(Task::Visit(node, kind, Place::Plain)),
        }
    }

    /// Whether all that an expression may end with is a module packed with its signature, or part of it is: then they
    /// have one signature.
    fn packs(&self, node: Node<'t>) -> bool {
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            let last = || node.named_child(node.named_child_count().checked_sub(1)? as u32);
            match self.syntax.kind(node.kind_id()) {
                Kind::PackageExpression if self.syntax.child(node, Field::ModuleType).is_some() => {
                    return true;
                }
                Kind::MatchExpression | Kind::TryExpression => {
                    let mut cursor = node.walk();
                    let is_case = |child: &Node<'t>| self.syntax.kind(child.kind_id()) == Kind::MatchCase;
                    todo.extend(node.named_children(&mut cursor).filter(is_case));
                }
                Kind::PackedModule
                | Kind::ParenthesizedExpression
                | Kind::MatchCase
                | Kind::LetExpression
                | Kind::SequenceExpression => todo.extend(last()),
                Kind::IfExpression => {
                    let mut cursor = node.walk();
                    todo.extend(node.named_children(&mut cursor).skip(1));
                }
                kind if matches!(node.kind(), "then_clause" | "else_clause") && kind != Kind::Error => {
                    todo.extend(last());
                }
                _ => {}
            }
        }
        false
    }

    /// The signature of an unpacked module is that of the module packed in its expression.
    pub(super) fn end_unpack(&mut self, id: ModuleExprId, n_packed: usize) {
        if let Some(&module_type) = self.packed.get(n_packed) {
            self.facts.module_exprs[id.idx()] = ModuleExpr::Unpack { module_type: Some(module_type) };
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
                    (None, None) => self.plan(child, Place::Plain),
                },
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
        self.tasks.push(Task::Scope(scope));
        ModuleBinding { names, body }
    }

    pub(super) fn module_type(&mut self, node: Node<'t>, kind: Kind, id: ModuleTypeId) {
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

    pub(super) fn with_constraint(&mut self, node: Node<'t>, kind: Kind, at: u32) {
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
                    let target = self.module_ref(child.node, Role::TypeLevel);
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
