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
        let in_pattern = || {
            let pattern = in_field(Field::Pattern).filter(|child| child.kind == Kind::TypedPattern)?;
            let name = self.syntax.child(pattern.node, Field::Pattern)?;
            let is_plain = self.is_plain_name(name, self.syntax.kind(name.kind_id()));
            self.syntax.child(pattern.node, Field::Type).filter(|_| is_plain)
        };
        let typed = in_field(Field::Type).map(|child| child.node).or_else(in_pattern);
        let typed = typed.and_then(|ty| self.type_returned(ty));
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
        if let Some(head) = self.value_at_end(inner) {
            let first = RefId::new(self.facts.refs.len());
            self.tasks.push(Task::EndUnpack(Unpacked { expr, name: span(head), first }));
        }
    }

    /// The name of a value that an expression ends with, or of a function that is applied there.
    fn value_at_end(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut node = node;
        loop {
            let inner = self.strip(node, self.syntax.kind(node.kind_id()))?;
            node = match self.syntax.kind(inner.kind_id()) {
                Kind::ValuePath => return Some(inner),
                Kind::ApplicationExpression => self.syntax.child(inner, Field::Function)?,
                Kind::LocalOpenExpression => self.syntax.child(inner, Field::Expression)?,
                Kind::LetExpression
                | Kind::SequenceExpression
                | Kind::IfExpression
                | Kind::MatchExpression
                | Kind::MatchCase => last_child(inner)?,
                Kind::InfixExpression => match self.text_of(self.syntax.child(inner, Field::Operator)?) {
                    b"|>" => self.syntax.child(inner, Field::Right)?,
                    b"@@" => self.syntax.child(inner, Field::Left)?,
                    _ => return None,
                },
                _ if matches!(inner.kind(), "then_clause" | "else_clause") => last_child(inner)?,
                _ => return None,
            };
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
                    let coerced = self.syntax.child(node, Field::Coercion);
                    let written = coerced.or_else(|| self.syntax.child(node, Field::Type));
                    let written = written.and_then(|ty| self.type_returned(ty));
                    if written.is_some() {
                        return written;
                    }
                }
                Kind::FunExpression => {
                    let written = self.syntax.child(node, Field::Type).and_then(|ty| self.type_returned(ty));
                    if written.is_some() {
                        return written;
                    }
                    todo.extend(last_child(node));
                }
                Kind::LocalOpenExpression => todo.extend(self.syntax.child(node, Field::Expression)),
                Kind::MatchExpression | Kind::TryExpression | Kind::FunctionExpression => {
                    if self.syntax.kind(node.kind_id()) == Kind::TryExpression {
                        todo.extend(self.syntax.child(node, Field::Expression));
                    }
                    let mut cursor = node.walk();
                    let is_case = |child: &Node<'t>| self.syntax.kind(child.kind_id()) == Kind::MatchCase;
                    todo.extend(node.named_children(&mut cursor).filter(is_case));
                }
                Kind::PackedModule
                | Kind::ParenthesizedExpression
                | Kind::MatchCase
                | Kind::LetExpression
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

/// What every packed module and every type of one has, after a parenthesis and what space there may be.
const PACKED: &[u8] = b"module";

/// The last part of a node; comments and attributes are none.
fn last_child(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).last()
}
