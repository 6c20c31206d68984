//! Attributes, extension nodes, and what the compiler adds.

use super::super::syntax::Kind;
use super::super::{Rewrite, RewriteKind};
use super::{Child, Place, Task, Walk, span};
use crate::base::{Name, Span};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn rewrite(&mut self, kind: RewriteKind, name: Name, span: Span) {
        let scope = self.scope();
        self.facts.rewrites.push(Rewrite { kind, name, span, scope });
    }

    /// `[%x ..]`, `[%%x ..]`, `{%x|..|}`: the payload is walked like any code.
    pub(super) fn extension(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let children = self.children_of_group(node);
        let was_payload = self.in_extension;
        for &child in &children {
            match child.kind {
                Kind::AttributeId => {
                    let name = self.intern_node(child.node);
                    self.rewrite(RewriteKind::Extension, name, span(node));
                }
                Kind::ItemAttribute => {}
                _ => {
                    self.tasks.push(Task::Payload(true));
                    self.plan(child, Place::Plain);
                }
            }
        }
        self.tasks.push(Task::Payload(was_payload));
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    /// A structure, `: type or signature`, or `? pattern when guard`.
    ///
    /// An expression is walked where it stands; definitions become a structure of their own, which nothing leads to.
    pub(super) fn payload(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let has_items =
            children.iter().any(|child| child.kind.is_structure_item() && child.kind != Kind::ExpressionItem);
        if has_items {
            let is_signature = children.first().is_some_and(|child| child.kind == Kind::Colon);
            self.recycle(children);
            self.structure(node, is_signature);
            return;
        }
        let is_pattern = children.first().is_some_and(|child| child.kind == Kind::Question);
        if is_pattern {
            self.tasks.push(Task::Mark);
        }
        for (at, &child) in children.iter().enumerate() {
            let place = if is_pattern && at == 1 { Place::Pattern } else { Place::Plain };
            self.plan(child, place);
            if is_pattern && at == 1 {
                self.tasks.push(Task::Bind);
            }
        }
        if is_pattern && children.len() < 2 {
            self.tasks.push(Task::Discard);
        }
        self.recycle(children);
    }

    /// The derivers in the attributes of an item: `[@@deriving sexp, show { with_path = false }]`.
    ///
    /// `[@@deriving_inline ..]` is none: what it makes is in the source.
    pub(super) fn derivers(&mut self, children: &[Child<'t>]) {
        for child in children.iter().filter(|child| child.kind == Kind::ItemAttribute) {
            let mut cursor = child.node.walk();
            let parts: Vec<_> = child.node.named_children(&mut cursor).collect();
            let [id, payload, ..] = parts.as_slice() else { continue };
            if self.text_of(*id) == b"deriving"
                && self.syntax.kind(payload.kind_id()) == Kind::AttributePayload
            {
                self.deriver_list(*payload);
            }
        }
    }

    fn deriver_list(&mut self, payload: Node<'t>) {
        let mut left = vec![payload];
        while let Some(node) = left.pop() {
            let children = |node: Node<'t>| -> Vec<Node<'t>> {
                let mut cursor = node.walk();
                node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
            };
            match self.syntax.kind(node.kind_id()) {
                Kind::ApplicationExpression => {
                    if let Some(function) = children(node).first() {
                        self.deriver(*function, span(node));
                    }
                }
                Kind::ValuePath | Kind::ConstructorPath | Kind::FieldGetExpression => {
                    self.deriver(node, span(node))
                }
                _ => left.extend(children(node).into_iter().rev()),
            }
        }
    }

    fn deriver(&mut self, node: Node<'t>, span: Span) {
        let text: Vec<u8> =
            self.text_of(node).iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        self.rewrite(RewriteKind::Deriver, crate::base::name(&String::from_utf8_lossy(&text)), span);
    }

    /// The text of a string literal without its quotes, escapes left as they are.
    pub(super) fn string_value(&mut self, node: Node<'t>) -> Name {
        let mut cursor = node.walk();
        let content = node.named_children(&mut cursor).find(|child| !child.is_extra());
        match content {
            Some(content) => self.intern_node(content),
            None => crate::base::name(""),
        }
    }
}
