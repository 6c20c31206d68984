//! Packed modules: which signature a value is packed with, or what a function returns, and which value is unpacked.
//!
//! The type that is written tells, or what the right-hand side ends with. That is found before it is walked, by its place; what
//! its signature is, when its turn comes.

use super::{Child, Task, Walk, span};
use crate::base::{Idx, RefId, Span};
use crate::parse::syntax::{Field, Kind};
use crate::parse::{ItemId, ModuleExpr, ModuleExprId, ModuleTypeId, RefKind};
use tree_sitter::Node;

/// Who waits for the signature of a packed module.
#[derive(Clone, Copy)]
pub(super) enum Packs {
    /// The value that it is, or that returns it.
    Item(ItemId),
    /// The place where it is unpacked.
    Unpacked(ModuleExprId),
}

/// The value that a module is unpacked from.
#[derive(Clone, Copy)]
pub(super) struct Unpacked {
    expr: ModuleExprId,
    /// Where its name stands.
    name: Span,
    /// The first reference that may be that name.
    first: RefId,
}

impl<'t> Walk<'t> {
    /// Begins a value: waits for the signature that its type says, or that its right-hand side ends with.
    pub(super) fn value_packs(&mut self, item: ItemId, children: &[Child<'t>]) {
        let in_field = |field| children.iter().find(move |child| child.field == field);
        // Nearly no value has anything to do with packed modules.
        let is_it = |child: &&Child<'t>| memchr::memmem::find(self.text_of(child.node), PACKED).is_some();
        let typed = in_field(Field::Type).and_then(|child| self.type_returned(child.node));
        let body = || in_field(Field::Body).filter(is_it).and_then(|child| self.packed_at_end(child.node));
        if let Some(packed) = typed.or_else(body) {
            self.packs.push((packed.start_byte(), Packs::Item(item)));
        }
    }

    /// `(val e)` without a signature: that of the module packed in its expression, or of the value that it names.
    pub(super) fn unpack(&mut self, node: Node<'t>, expr: ModuleExprId) {
        if let Some(packed) = self.packed_at_end(node) {
            return self.packs.push((packed.start_byte(), Packs::Unpacked(expr)));
        }
        let mut cursor = node.walk();
        let Some(inner) = node.named_children(&mut cursor).find(|child| !child.is_extra()) else { return };
        let Some(mut head) = self.strip(inner, self.syntax.kind(inner.kind_id())) else { return };
        if self.syntax.kind(head.kind_id()) == Kind::ApplicationExpression {
            let Some(function) = self.syntax.child(head, Field::Function) else { return };
            head = function;
        }
        if self.syntax.kind(head.kind_id()) == Kind::ValuePath {
            let first = RefId::new(self.facts.refs.len());
            self.tasks.push(Task::EndUnpack(Unpacked { expr, name: span(head), first }));
        }
    }

    /// The name that a module is unpacked from has been met, unless it is one of the expression around.
    pub(super) fn end_unpack(&mut self, unpacked: Unpacked) {
        let Unpacked { expr, name, first } = unpacked;
        let is_it = |at: &usize| {
            let reference = &self.facts.refs[*at];
            reference.span == name && reference.kind == RefKind::Value
        };
        let value = (first.idx()..self.facts.refs.len()).find(is_it).map(RefId::new);
        self.facts.module_exprs[expr.idx()] = ModuleExpr::Unpack { module_type: None, value };
    }

    /// The signature of a packed module is known, which somebody may wait for.
    pub(super) fn end_packed(&mut self, node: Node<'t>, module_type: ModuleTypeId) {
        let start = node.start_byte();
        let Some(at) = self.packs.iter().rposition(|&(place, _)| place == start) else { return };
        match self.packs.swap_remove(at).1 {
            Packs::Item(item) => self.facts.packs.push((item, module_type)),
            Packs::Unpacked(expr) => {
                self.facts.module_exprs[expr.idx()] =
                    ModuleExpr::Unpack { module_type: Some(module_type), value: None };
            }
        }
    }

    /// The packed module that a type is, or that a function of that type returns.
    pub(super) fn type_returned(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut node = node;
        memchr::memmem::find(self.text_of(node), PACKED)?;
        loop {
            match node.kind() {
                "package_type" => return Some(node),
                "parenthesized_type" | "polymorphic_type" | "function_type" => node = last_child(node)?,
                _ => return None,
            }
        }
    }

    /// A module packed with its signature that an expression may end with, or that a function ends with: all of those have one
    /// signature.
    fn packed_at_end(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            match self.syntax.kind(node.kind_id()) {
                Kind::PackageExpression if self.syntax.child(node, Field::ModuleType).is_some() => {
                    return Some(node);
                }
                Kind::TypedExpression => {
                    let written = self.syntax.child(node, Field::Type).and_then(|ty| self.type_returned(ty));
                    if written.is_some() {
                        return written;
                    }
                }
                Kind::MatchExpression | Kind::TryExpression | Kind::FunctionExpression => {
                    let mut cursor = node.walk();
                    let is_case = |child: &Node<'t>| self.syntax.kind(child.kind_id()) == Kind::MatchCase;
                    todo.extend(node.named_children(&mut cursor).filter(is_case));
                }
                Kind::PackedModule
                | Kind::ParenthesizedExpression
                | Kind::MatchCase
                | Kind::LetExpression
                | Kind::FunExpression
                | Kind::SequenceExpression => todo.extend(last_child(node)),
                Kind::IfExpression => {
                    let mut cursor = node.walk();
                    todo.extend(node.named_children(&mut cursor).skip(1));
                }
                kind if matches!(node.kind(), "then_clause" | "else_clause") && kind != Kind::Error => {
                    todo.extend(last_child(node));
                }
                _ => {}
            }
        }
        None
    }
}

/// How packed modules begin, as nearly everybody writes them.
const PACKED: &[u8] = b"(module";

fn last_child(node: Node<'_>) -> Option<Node<'_>> {
    node.named_child(node.named_child_count().checked_sub(1)? as u32)
}
