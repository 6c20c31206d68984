//! Attributes, extension nodes, and what the compiler adds.

use super::super::syntax::Kind;
use super::super::type_shape::attributes_behind;
use super::super::{Rewrite, RewriteKind, TypeMark};
use super::{Child, Place, Task, Walk, span};
use crate::base::{Name, Span};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn rewrite(&mut self, kind: RewriteKind, name: Name, span: Span) {
        let scope = self.scope();
        let keyword = crate::base::name("");
        self.facts.rewrites.push(Rewrite { kind, name, keyword, span, scope });
    }

    pub(super) fn keyword_rewrite(&mut self, name: Name, keyword: Name, span: Span) {
        let scope = self.scope();
        self.facts.rewrites.push(Rewrite { kind: RewriteKind::Keyword, name, keyword, span, scope });
    }

    /// Which keyword a rewriter's name stands behind, and what of its form decides the code: `let` (`top let` for an item,
    /// with ` and` where several things are bound), `match` and `try` (` partial` where some exception is not caught), `if`
    /// (` partial` without `else`), `for` (` downto`), `while`, `assert`, `sequence`, and others as they are written.
    pub(super) fn keyword(&self, node: Node<'t>) -> Name {
        let mut cursor = node.walk();
        let children: Vec<Node<'t>> = node.children(&mut cursor).filter(|child| !child.is_extra()).collect();
        let first = children.first().map_or("", |first| first.kind());
        let has = |kind: &str| children.iter().any(|child| child.kind() == kind);
        let is_partial = |of_exceptions: bool| {
            let cases = children.iter().filter(|child| child.kind() == "match_case");
            !cases.into_iter().any(|case| self.catches_all(*case, of_exceptions))
        };
        let (keyword, form) = match node.kind() {
            "value_definition" => {
                let is_item = node.parent().is_none_or(|parent| parent.kind() != "let_expression");
                let n_bound = children.iter().filter(|child| child.kind() == "let_binding").count();
                (if is_item { "top let" } else { "let" }, if n_bound > 1 { " and" } else { "" })
            }
            "match_expression" => ("match", if is_partial(true) { " partial" } else { "" }),
            "try_expression" => ("try", if is_partial(false) { " partial" } else { "" }),
            "if_expression" => ("if", if has("else_clause") { "" } else { " partial" }),
            "for_expression" => ("for", if has("downto") { " downto" } else { "" }),
            "sequence_expression" => ("sequence", ""),
            _ => (first, ""),
        };
        crate::base::name(&format!("{keyword}{form}"))
    }

    /// Whether a case is taken whatever comes: a name or `_` without a guard, on request below `exception`.
    fn catches_all(&self, case: Node<'t>, of_exceptions: bool) -> bool {
        let mut cursor = case.walk();
        let has_guard = case.named_children(&mut cursor).any(|child| child.kind() == "guard");
        let mut pattern = case.child_by_field_name("pattern");
        if of_exceptions {
            pattern = pattern
                .filter(|pattern| pattern.kind() == "exception_pattern")
                .and_then(|pattern| pattern.child_by_field_name("pattern"));
        }
        !has_guard
            && pattern
                .is_some_and(|pattern| pattern.kind() == "value_pattern" || self.text_of(pattern) == b"_")
    }

    /// The parts of a type that derivers may treat in a way of their own.
    pub(super) fn type_marks(&mut self, body: Node<'t>) {
        for attribute in attributes_behind(body) {
            self.type_mark(attribute, body);
        }
        let mut todo = vec![body];
        while let Some(node) = todo.pop() {
            if node.kind() == "function_type" {
                let (word, whole, payload) = (crate::base::name("->"), span(node), Span::default());
                self.facts.type_marks.push(TypeMark {
                    word,
                    whole,
                    head: whole,
                    payload,
                    is_on_field: false,
                });
            }
            if node.kind() == "attribute" {
                if let Some(part) = marked(node) {
                    self.type_mark(node, part);
                }
                continue;
            }
            let mut cursor = node.walk();
            let at = todo.len();
            todo.extend(node.named_children(&mut cursor));
            todo[at..].reverse();
        }
    }

    fn type_mark(&mut self, attribute: Node<'t>, part: Node<'t>) {
        let Some(id) = attribute.named_child(0) else { return };
        let (word, whole, head) = (self.intern_node(id), span(part), span(head(part)));
        let is_on_field = part.kind() == "field_declaration";
        let holds = attribute.named_child(1).filter(|node| node.kind() == "attribute_payload");
        let payload = holds.map_or(Span::default(), span);
        self.facts.type_marks.push(TypeMark { word, whole, head, payload, is_on_field });
    }

    /// An attribute in a type that derives something: what it holds is walked like any code.
    pub(super) fn type_attribute(&mut self, attribute: Node<'t>) {
        let holds = attribute.named_child(1).filter(|node| node.kind() == "attribute_payload");
        if let Some(holds) = holds {
            self.has_type_attributes = false;
            self.tasks.push(Task::TypeAttributes(false));
            self.payload(holds);
            self.tasks.push(Task::TypeAttributes(true));
            self.has_type_attributes = true;
        }
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

/// What an attribute in a type stands behind: the field before it, what is in the same parentheses, or the part before it.
fn marked(attribute: Node<'_>) -> Option<Node<'_>> {
    let mut before = attribute.prev_named_sibling()?;
    while before.kind() == "attribute" {
        before = before.prev_named_sibling()?;
    }
    Some(before)
}

/// The name of the type in a part: `list` in `int list`.
fn head(part: Node<'_>) -> Node<'_> {
    let mut node = part;
    loop {
        let inner = match node.kind() {
            "field_declaration" => node.child_by_field_name("type"),
            "constructed_type" => {
                let mut cursor = node.walk();
                node.named_children(&mut cursor)
                    .filter(|child| child.kind() == "type_constructor_path")
                    .last()
            }
            "parenthesized_type" => node.named_child(0),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return node,
        }
    }
}
