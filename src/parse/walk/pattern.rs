//! Patterns, parameters and bindings: which names are in scope where.
//!
//! A pattern is walked between [`Task::Mark`] and [`Task::Bind`]: references in it see what is outside, the names that
//! it binds gather in `bound`, and `Bind` puts them into scope for what follows.

use super::super::syntax::{Field, Kind};
use super::super::{Binder, ModuleTypeId, Names, RefKind, Role};
use super::{Child, Place, Task, Walk, span};
use crate::base::{Name, Span};
use rustc_hash::FxHashSet;
use tree_sitter::Node;

impl<'t> Walk<'t> {
    /// Ends the patterns since the last mark and returns their names, each once.
    pub(super) fn take_bound(&mut self) -> Vec<(Name, Span)> {
        let (bound_from, modules_from) = self.marks.pop().unwrap_or((0, 0));
        self.bound_modules.truncate(modules_from);
        let mut bound = self.bound.split_off(bound_from);
        if bound.len() > 1 {
            // The sides of an or-pattern bind the same names.
            let mut seen = FxHashSet::default();
            bound.retain(|&(name, _)| seen.insert(name));
        }
        bound
    }

    pub(super) fn bind(&mut self) {
        let modules_from = self.marks.last().map_or(0, |mark| mark.1);
        let modules = self.bound_modules.split_off(modules_from.min(self.bound_modules.len()));
        let bound = self.take_bound();
        if !bound.is_empty() {
            let names = self.local_names(bound);
            self.enter(Binder::Values(names));
        }
        for (names, module_type) in modules {
            self.enter(Binder::ModuleParam { names, module_type });
        }
    }

    pub(super) fn discard(&mut self) {
        self.take_bound();
    }

    /// A node that binds a value name.
    pub(super) fn bind_value(&mut self, node: Node<'t>) {
        let name = self.value_name(node);
        self.bound.push((name, span(node)));
    }

    /// Collects the names of a pattern before it is walked: those of `let rec` are in scope in all its bindings.
    pub(super) fn collect_names(&mut self, node: Node<'t>) {
        let mut cursor = node.walk();
        loop {
            let at = cursor.node();
            let mut is_inside = false;
            match self.syntax.kind(at.kind_id()) {
                Kind::ValueName | Kind::ValuePattern | Kind::ParenthesizedOperator => self.bind_value(at),
                Kind::FieldPattern => {
                    // `{ x }` binds x.
                    is_inside = self.syntax.child(at, Field::Pattern).is_some();
                    if !is_inside && let Some(path) = self.child_of_kind(at, Kind::FieldPath) {
                        let name = self.last_name(path);
                        self.bound.extend(name);
                    }
                }
                Kind::LabeledTupleElementPattern => {
                    is_inside = self.syntax.child(at, Field::Pattern).is_some();
                    if !is_inside && let Some(label) = self.child_of_kind(at, Kind::LabelName) {
                        self.bind_value(label);
                    }
                }
                Kind::Extension | Kind::Attribute | Kind::ModulePath | Kind::ConstructorPath => {}
                _ => {
                    is_inside = cursor.field_id().is_none_or(|id| self.syntax.field(Some(id)) != Field::Type)
                }
            }
            if is_inside && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    fn child_of_kind(&self, node: Node<'t>, kind: Kind) -> Option<Node<'t>> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor).find(|child| self.syntax.kind(child.kind_id()) == kind)
    }

    /// Plans parameters, types and the right-hand side of a binding or method; its pattern has been dealt with.
    pub(super) fn plan_binding(&mut self, children: &[Child<'t>]) {
        let n_params = children.iter().filter(|child| child.kind == Kind::Parameter).count() as u32;
        self.counts.functions += u32::from(n_params > 0);
        self.counts.curried += u32::from(n_params > 1);
        for &child in children {
            match (child.kind, child.field) {
                (Kind::ItemAttribute, _) | (_, Field::Pattern) => {}
                _ => self.plan(child, Place::Plain),
            }
        }
    }

    /// A parameter: its default sees the parameters before it, what follows sees its names.
    pub(super) fn parameter(&mut self, node: Node<'t>) {
        self.counts.parameters += 1;
        let children = self.children(node);
        self.tasks.push(Task::Mark);
        for &child in &children {
            match child.field {
                Field::Pattern => self.plan(child, Place::Pattern),
                Field::Default => {
                    self.counts.defaults += 1;
                    self.plan(child, Place::Plain);
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.tasks.push(Task::Bind);
        self.recycle(children);
    }

    /// `(type a b)`, `type a b.`: in scope until the construct around it ends.
    pub(super) fn abstract_type(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let mut bound = Vec::new();
        for child in &children {
            if child.kind == Kind::TypeConstructor {
                bound.push((self.intern_node(child.node), span(child.node)));
            }
        }
        self.recycle(children);
        let names = self.local_names(bound);
        self.enter(Binder::Types(names));
    }

    /// `{ M.x = p }`, `{ x }`.
    pub(super) fn field_pattern(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_pun = !children.iter().any(|child| child.field == Field::Pattern);
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::FieldPath, _) => {
                    self.path_ref(child.node, RefKind::Field, Role::Pattern);
                    if is_pun {
                        let name = self.last_name(child.node);
                        self.bound.extend(name);
                    }
                }
                (_, Field::Pattern) => self.plan(child, Place::Pattern),
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
    }

    /// `~x:p`, `~x`, `~(x : t)` in a tuple pattern.
    pub(super) fn labeled_tuple_pattern(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_pun = !children.iter().any(|child| child.field == Field::Pattern);
        for &child in &children {
            match child.kind {
                Kind::LabelName if is_pun => self.bind_value(child.node),
                Kind::LabelName => {}
                _ => self
                    .plan(child, if child.field == Field::Pattern { Place::Pattern } else { Place::Plain }),
            }
        }
        self.recycle(children);
    }

    /// `(module M : S)` in a pattern.
    pub(super) fn package_pattern(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let mut names = Names::default();
        let mut module_type: Option<ModuleTypeId> = None;
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::ModuleName, _) => names = self.module_name(child.node),
                (_, Field::ModuleType) => module_type = Some(self.plan_module_type(child)),
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
        self.bound_modules.push((names, module_type));
    }

    /// `M.(p)` in a pattern, `M.(t)` in a type, `M.(e)`.
    pub(super) fn local_open(&mut self, node: Node<'t>, place: Place) {
        let scope = self.scope();
        let children = self.children(node);
        let mut is_opened = false;
        for &child in &children {
            match child.kind {
                Kind::ModulePath | Kind::ExtendedModulePath if !is_opened => {
                    is_opened = true;
                    let module = self.plan_module_expr(child, Role::Open);
                    self.tasks.push(Task::Enter(Binder::Open { module }));
                }
                _ => self.plan(child, place),
            }
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    /// What stands between `let` and `in`.
    pub(super) fn local(&mut self, node: Node<'t>, kind: Kind) {
        match kind {
            Kind::ValueDefinition => self.local_values(node),
            Kind::OpenModule | Kind::OpenModuleSignature => {
                let children = self.children(node);
                for &child in &children {
                    if child.field == Field::Module {
                        let module = self.plan_module_expr(child, Role::Open);
                        self.tasks.push(Task::Enter(Binder::Open { module }));
                    } else {
                        self.plan(child, Place::Plain);
                    }
                }
                self.recycle(children);
            }
            Kind::ModuleDefinition => {
                let children = self.children(node);
                for &child in &children {
                    match child.kind {
                        Kind::ModuleBinding => self.local_module(child.node),
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.recycle(children);
            }
            Kind::ExceptionDefinition | Kind::TypeDefinition => {
                let bound = self.declared_names(node);
                let names = self.local_names(bound);
                let binder = match kind {
                    Kind::ExceptionDefinition => Binder::Exception(names),
                    _ => Binder::Types(names),
                };
                self.plan_children(node, Place::Plain);
                self.tasks.push(Task::Enter(binder));
            }
            _ => self.plan_children(node, Place::Plain),
        }
    }

    /// The names of `let exception E`, and of types where a later OCaml allows them in expressions.
    fn declared_names(&mut self, node: Node<'t>) -> Vec<(Name, Span)> {
        let mut cursor = node.walk();
        let mut bound = Vec::new();
        for child in node.named_children(&mut cursor) {
            let name = match self.syntax.kind(child.kind_id()) {
                Kind::ConstructorDeclaration => self.child_of_kind(child, Kind::ConstructorName),
                Kind::TypeBinding => self.child_of_kind(child, Kind::TypeConstructor),
                _ => None,
            };
            bound.extend(name.map(|name| (self.intern_node(name), span(name))));
        }
        bound
    }

    fn local_module(&mut self, node: Node<'t>) {
        let module = self.module_binding(node, false, false);
        let names = module.names;
        match module.body {
            super::module::ModuleBody::Expr(body) => {
                self.tasks.push(Task::Enter(Binder::Module { names, body }))
            }
            super::module::ModuleBody::Type(module_type) => {
                self.tasks.push(Task::Enter(Binder::ModuleParam { names, module_type: Some(module_type) }));
            }
            super::module::ModuleBody::Substitution(_) => {}
        }
    }

    fn local_values(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_rec = children.iter().any(|child| child.kind == Kind::Rec);
        if is_rec {
            self.marks.push((self.bound.len(), self.bound_modules.len()));
            for child in children.iter().filter(|child| child.kind == Kind::LetBinding) {
                if let Some(pattern) = self.syntax.child(child.node, Field::Pattern) {
                    self.collect_names(pattern);
                }
            }
            self.bind();
        }
        self.tasks.push(Task::Mark);
        for &child in &children {
            match child.kind {
                Kind::LetBinding => self.tasks.push(Task::LocalBinding(child.node)),
                _ => self.plan(child, Place::Plain),
            }
        }
        self.tasks.push(if is_rec { Task::Discard } else { Task::Bind });
        self.recycle(children);
    }

    /// One binding of a local `let`; the names of its pattern are left to the whole `let`.
    pub(super) fn local_binding(&mut self, node: Node<'t>) {
        self.counts.lets += 1;
        let scope = self.scope();
        let children = self.children(node);
        let pattern = children.iter().find(|child| child.field == Field::Pattern).copied();
        if let Some(pattern) = pattern {
            let has_body = children.iter().any(|child| child.field == Field::Body);
            if !has_body && pattern.kind == Kind::ValueName {
                // `let* x in` is `let* x = x in`.
                let name = self.intern_node(pattern.node);
                self.name_ref(name, span(pattern.node));
            }
            self.plan(pattern, Place::Pattern);
        }
        self.plan_binding(&children);
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }
}
