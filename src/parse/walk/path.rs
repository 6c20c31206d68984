//! Paths, names and references.

use super::super::syntax::Kind;
use super::super::{Arguments, Names, RefKind, Reference, Role};
use super::{Place, Walk, span};
use crate::base::{Idx, Name, RefId, Span};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    /// Interns a piece of the text; bytes that are not UTF-8 become U+FFFD.
    pub(super) fn intern(&mut self, text: &'t [u8]) -> Name {
        // `\#let` is the identifier `let`.
        crate::base::name_of(text.strip_prefix(b"\\#").unwrap_or(text))
    }

    /// Interns the text of a node.
    pub(super) fn intern_node(&mut self, node: Node<'t>) -> Name {
        self.intern(self.text_of(node))
    }

    /// Interns the name of a value: an identifier, or an operator without its parentheses.
    pub(super) fn value_name(&mut self, node: Node<'t>) -> Name {
        let text = self.text_of(node);
        match text {
            [b'(', inner @ .., b')'] => {
                let inner = inner.trim_ascii();
                if inner.iter().any(|byte| byte.is_ascii_whitespace())
                    || inner.windows(2).any(|two| two == b"(*")
                {
                    let tokens = self.tokens_inside(node);
                    crate::base::name(&tokens)
                } else {
                    self.intern(inner)
                }
            }
            _ => self.intern(text),
        }
    }

    /// The tokens between the parentheses of an operator, without what stands between them.
    fn tokens_inside(&self, node: Node<'t>) -> String {
        let mut cursor = node.walk();
        let tokens: Vec<_> = node.children(&mut cursor).filter(|child| !child.is_extra()).collect();
        let inner = tokens.get(1..tokens.len().saturating_sub(1)).unwrap_or(&[]);
        inner.iter().map(|&token| String::from_utf8_lossy(self.text_of(token)).into_owned()).collect()
    }

    /// Stores the components of a path; functor arguments in it are handed to `arguments`.
    pub(super) fn path(&mut self, node: Node<'t>, arguments: &mut Vec<Node<'t>>) -> Names {
        let text = self.text_of(node);
        let start = self.facts.names.len();
        let is_plain =
            |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | b'.') || byte >= 0x80;
        if text.iter().all(is_plain) {
            for part in text.split(|&byte| byte == b'.').filter(|part| !part.is_empty()) {
                let name = self.intern(part);
                self.facts.names.push(name);
            }
        } else {
            let mut parts = Vec::new();
            self.path_parts(node, &mut parts, arguments);
            self.facts.names.extend(parts.into_iter().rev());
        }
        Names { start: start as u32, end: self.facts.names.len() as u32 }
    }

    /// The components of a path from its last to its first: paths nest to the left.
    fn path_parts(&mut self, node: Node<'t>, parts: &mut Vec<Name>, arguments: &mut Vec<Node<'t>>) {
        let mut next = Some(node);
        while let Some(node) = next.take() {
            let mut paths = Vec::new();
            let mut cursor = node.walk();
            for child in node.children(&mut cursor) {
                match self.syntax.kind(child.kind_id()) {
                    Kind::ModulePath | Kind::ExtendedModulePath => paths.push(child),
                    Kind::ParenthesizedOperator => parts.push(self.value_name(child)),
                    Kind::Comment | Kind::Attribute | Kind::LineDirective | Kind::Error | Kind::Generic => {}
                    _ if child.is_named() && child.start_byte() < child.end_byte() => {
                        parts.push(self.intern_node(child))
                    }
                    _ => {}
                }
            }
            next = paths.first().copied();
            arguments.extend(paths.into_iter().skip(1));
        }
    }

    /// Adds a reference.
    pub(super) fn push_ref(&mut self, kind: RefKind, role: Role, path: Names, span: Span) -> RefId {
        let id = RefId::new(self.facts.refs.len());
        let role = match kind {
            RefKind::Module if self.type_level > 0 => match role {
                Role::TypeLevel | Role::Open => Role::TypeLevel,
                Role::Alias => Role::TypedAlias,
                Role::CoercedBinding => Role::TypedBinding,
                _ => Role::Typed,
            },
            RefKind::Value | RefKind::Constructor | RefKind::Class if self.type_level > 0 => Role::TypeLevel,
            _ => role,
        };
        let scope = self.scope();
        let is_applied = kind == RefKind::Value && self.given.0 == span.start;
        let given = if is_applied { std::mem::take(&mut self.given).1 } else { Arguments::default() };
        let in_extension = self.in_extension;
        self.facts.refs.push(Reference { kind, role, in_extension, given, path, span, scope });
        id
    }

    /// Adds the reference that a path node is, and those in its functor arguments.
    pub(super) fn path_ref(&mut self, node: Node<'t>, kind: RefKind, role: Role) -> RefId {
        let mut arguments = Vec::new();
        let path = self.path(node, &mut arguments);
        // In `M.` what should follow is missing.
        let kind = if self.text_of(node).ends_with(b".") { RefKind::Module } else { kind };
        let id = self.push_ref(kind, role, path, span(node));
        // Outer arguments were met first, and stand last.
        while let Some(argument) = arguments.pop() {
            let path = self.path(argument, &mut arguments);
            self.push_ref(RefKind::Module, Role::TypeLevel, path, span(argument));
        }
        id
    }

    /// Adds a reference to a value, unless it is local.
    pub(super) fn value_ref(&mut self, node: Node<'t>) -> Option<RefId> {
        let text = self.text_of(node);
        if !text.contains(&b'.') || text.starts_with(b"(") {
            let name = self.value_name(node);
            return self.name_ref(name, span(node));
        }
        Some(self.path_ref(node, RefKind::Value, Role::Plain))
    }

    /// Adds a reference to an unqualified value, unless it is local.
    pub(super) fn name_ref(&mut self, name: Name, span: Span) -> Option<RefId> {
        if self.is_local(name) {
            return None;
        }
        let start = self.facts.names.len() as u32;
        self.facts.names.push(name);
        Some(self.push_ref(RefKind::Value, Role::Plain, Names { start, end: start + 1 }, span))
    }

    /// Adds a reference to a value whose path the compiler makes up: `a.(i)` is `Array.get`.
    pub(super) fn made_up_ref(&mut self, path: &[&str], span: Span) {
        let start = self.facts.names.len() as u32;
        self.facts.names.extend(path.iter().map(|part| crate::base::name(part)));
        let end = self.facts.names.len() as u32;
        self.push_ref(RefKind::Value, Role::Plain, Names { start, end }, span);
    }

    /// Adds a reference to a constructor, `::` left out.
    pub(super) fn constructor_ref(&mut self, node: Node<'t>, place: Place) {
        if self.text_of(node).starts_with(b"(") {
            return;
        }
        self.path_ref(node, RefKind::Constructor, place.role());
    }

    /// The last component of a path, with its span.
    pub(super) fn last_name(&mut self, node: Node<'t>) -> Option<(Name, Span)> {
        let mut cursor = node.walk();
        let last = node.named_children(&mut cursor).filter(|child| !child.is_extra()).last()?;
        Some((self.value_name(last), span(last)))
    }
}
