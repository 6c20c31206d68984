//! Classes and objects.
//!
//! Instance variables and names of inherited objects are values for the methods that follow them (OCaml types the
//! fields in order); initial values and inherited classes see neither these nor `self`. Methods are no names.

use super::super::syntax::{Field, Kind};
use super::super::{Binder, RewriteKind, ScopeId};
use super::{ObjectFrame, Place, Task, Walk, span};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn object(&mut self, node: Node<'t>) {
        self.counts.objects += 1;
        self.rewrite(RewriteKind::Implicit, crate::base::name("object"), span(node));
        let scope = self.scope();
        let children = self.children(node);
        let mut has_begun = false;
        self.tasks.push(Task::Mark);
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::FloatingAttribute | Kind::AttributeId | Kind::Leaf | Kind::Token, _) => {}
                (_, Field::SelfPattern) => self.plan(child, Place::Pattern),
                (_, Field::Type) => self.plan(child, Place::Plain),
                _ => {
                    if !has_begun {
                        self.tasks.push(Task::BeginObject(scope));
                        has_begun = true;
                    }
                    self.tasks.push(Task::ObjectField(child.node, child.kind));
                }
            }
        }
        if !has_begun {
            self.tasks.push(Task::BeginObject(scope));
        }
        self.tasks.push(Task::EndObject(scope));
        self.recycle(children);
    }

    pub(super) fn begin_object(&mut self, outer: ScopeId) {
        self.bind();
        self.objects.push(ObjectFrame { outer, methods: self.scope() });
    }

    pub(super) fn end_object(&mut self, scope: ScopeId) {
        self.objects.pop();
        self.return_to(scope);
    }

    pub(super) fn object_field(&mut self, node: Node<'t>, kind: Kind) {
        let Some(&ObjectFrame { outer, methods }) = self.objects.last() else { return };
        let is_initial = matches!(kind, Kind::InheritanceDefinition | Kind::InstanceVariableDefinition);
        self.return_to(if is_initial { outer } else { methods });
        match kind {
            Kind::InheritanceDefinition => {
                self.counts.inherits += 1;
                let children = self.children(node);
                self.tasks.push(Task::Mark);
                for &child in &children {
                    match child.field {
                        Field::Alias => self.plan(child, Place::Pattern),
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.tasks.push(Task::BindObjectField);
                self.recycle(children);
            }
            Kind::InstanceVariableDefinition => {
                let children = self.children(node);
                self.tasks.push(Task::Mark);
                for &child in &children {
                    match child.kind {
                        Kind::InstanceVariableName => {
                            self.tasks.push(Task::Visit(child.node, Kind::ValueName, Place::Pattern))
                        }
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.tasks.push(Task::BindObjectField);
                self.recycle(children);
            }
            Kind::MethodDefinition => {
                self.counts.functions += 1;
                self.counts.methods += 1;
                let children = self.children(node);
                for &child in &children {
                    self.plan(child, Place::Plain);
                }
                self.tasks.push(Task::Scope(methods));
                self.recycle(children);
            }
            _ => {
                self.plan_children(node, Place::Plain);
                self.tasks.push(Task::Scope(methods));
            }
        }
    }

    pub(super) fn bind_object_field(&mut self) {
        let Some(methods) = self.objects.last().map(|object| object.methods) else { return };
        self.return_to(methods);
        let bound = self.take_bound();
        if bound.is_empty() {
            return;
        }
        let names = self.local_names(bound);
        let scope = self.enter(Binder::Values(names));
        if let Some(object) = self.objects.last_mut() {
            object.methods = scope;
        }
    }
}
