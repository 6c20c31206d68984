//! The children of a node, with the fields that they stand in.

use super::super::syntax::{Field, Kind};
use super::{Walk, is_atom, len, span};
use crate::base::Span;
use tree_sitter::Node;

/// A child of a node.
#[derive(Clone, Copy)]
pub(super) struct Child<'t> {
    pub(super) node: Node<'t>,
    pub(super) kind: Kind,
    pub(super) field: Field,
}

/// Of so many children each is asked for by its number. To get there takes as many steps as the number, but each is a
/// tenth of what a cursor takes to the next: that goes up and down through the grammar's rules without nodes.
pub(super) const MAX_NUMBERED: u32 = 12;

impl<'t> Walk<'t> {
    /// Returns the children of a node, tokens included, comments and attributes left out; notes what concerns the
    /// parent on the way: keyword rewrites, line directives, bytes.
    pub(super) fn children(&mut self, node: Node<'t>) -> Vec<Child<'t>> {
        let children = self.collect_children(node, true);
        self.keyword_rewrites(node, &children);
        children
    }

    /// [`Walk::children`] for where no field matters.
    ///
    /// Asking for the field of the nth part of a sequence or tuple takes n steps, since these nest out of sight.
    pub(super) fn children_without_fields(&mut self, node: Node<'t>) -> Vec<Child<'t>> {
        let children = self.collect_children(node, false);
        self.keyword_rewrites(node, &children);
        children
    }

    /// [`Walk::children_without_fields`], but leaves the keyword rewrite to the caller.
    pub(super) fn children_of_group(&mut self, node: Node<'t>) -> Vec<Child<'t>> {
        self.collect_children(node, false)
    }

    /// Gives the buffer of [`Walk::children`] back.
    pub(super) fn recycle(&mut self, mut children: Vec<Child<'t>>) {
        children.clear();
        self.spare.push(children);
    }

    fn keyword_rewrites(&mut self, node: Node<'t>, children: &[Child<'t>]) {
        for child in children.iter().filter(|child| child.kind == Kind::AttributeId) {
            let name = self.intern_node(child.node);
            let keyword = self.keyword(node);
            self.keyword_rewrite(name, keyword, span(node));
        }
    }

    fn collect_children(&mut self, node: Node<'t>, has_fields: bool) -> Vec<Child<'t>> {
        let mut children = self.spare.pop().unwrap_or_default();
        let n_children = node.child_count();
        if n_children == 0 {
            self.counts.code_bytes += len(node);
            return children;
        }
        if n_children <= MAX_NUMBERED {
            let kind = if has_fields { self.syntax.kind(node.kind_id()) } else { Kind::Generic };
            if !has_fields || (has_fields_by_place(kind) && !node.has_error()) {
                let before = self.counts.code_bytes;
                (0..n_children).filter_map(|nth| node.child(nth)).for_each(|child| {
                    self.collect(&mut children, child, |_| Field::Other);
                });
                if !has_fields || set_fields(kind, &mut children) {
                    return children;
                }
                self.counts.code_bytes = before;
                children.clear();
            }
        }
        self.cursor.reset(node);
        self.cursor.goto_first_child();
        let Span { end, .. } = span(node);
        loop {
            let child = self.cursor.node();
            // No grammar gives a token a field that the walk asks for.
            self.collect(&mut children, child, |walk| match has_fields {
                true => walk.syntax.field(walk.cursor.field_id()),
                false => Field::Other,
            });
            // Behind the end there can only be tokens that the parser made up; to find that there are none is what takes longest.
            if child.end_byte() == end as usize || !self.cursor.goto_next_sibling() {
                return children;
            }
        }
    }

    /// Adds a child to the list, or notes what it says of its parent.
    fn collect(&mut self, children: &mut Vec<Child<'t>>, node: Node<'t>, field: impl FnOnce(&Self) -> Field) {
        let kind = self.syntax.kind(node.kind_id());
        let Span { start, end } = span(node);
        match kind {
            Kind::Attribute if self.has_type_attributes => {
                children.push(Child { node, kind, field: Field::Other });
            }
            Kind::Comment | Kind::Attribute => {}
            Kind::LineDirective => self.line_directive(node),
            // A token that the parser made up to go on.
            _ if start == end => {}
            _ => {
                if is_atom(kind) {
                    self.counts.code_bytes += end - start;
                }
                let field = if kind == Kind::Token { Field::Other } else { field(self) };
                children.push(Child { node, kind, field });
            }
        }
    }
}

/// Whether the fields of a node follow from the places of its children, in most of its forms ([`set_fields`]).
fn has_fields_by_place(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        ApplicationExpression
            | InfixExpression
            | ParenthesizedExpression
            | LabeledArgument
            | FieldExpression
            | LetBinding
            | MatchCase
            | Parameter
            | ConstructorPattern
    )
}

/// Sets the fields of the children of a node without errors, where their places tell; says whether they do.
///
/// To ask a cursor for the field of a child takes as long as all the rest of what is done with it.
fn set_fields(kind: Kind, children: &mut [Child]) -> bool {
    if children.iter().any(|child| matches!(child.kind, Kind::Attribute | Kind::AttributeId)) {
        return false;
    }
    match (kind, children) {
        // `f x y`
        (Kind::ApplicationExpression, [function, arguments @ ..]) => {
            function.field = Field::Function;
            arguments.iter_mut().for_each(|argument| argument.field = Field::Argument);
        }
        // `a + b`
        (Kind::InfixExpression, [left, operator, right]) => {
            left.field = Field::Left;
            operator.field = Field::Operator;
            right.field = Field::Right;
        }
        // `(e)`, `begin e end`
        (Kind::ParenthesizedExpression, [_, inner, _]) => inner.field = Field::Expression,
        // `~x`, `~x:e`
        (Kind::LabeledArgument, [_, _]) => {}
        (Kind::LabeledArgument, [_, label, _, argument]) if label.kind == Kind::LabelName => {
            argument.field = Field::Expression;
        }
        // `{ x }`, `{ x = e }`
        (Kind::FieldExpression, [_]) => {}
        (Kind::FieldExpression, [_, equals, body]) if equals.kind == Kind::Equals => body.field = Field::Body,
        // `x = e`, `f p q = e`
        (Kind::LetBinding, [pattern, parameters @ .., equals, body])
            if equals.kind == Kind::Equals
                && parameters
                    .iter()
                    .all(|child| matches!(child.kind, Kind::Parameter | Kind::AbstractType)) =>
        {
            pattern.field = Field::Pattern;
            body.field = Field::Body;
        }
        // `p -> e`, `p when g -> e`
        (Kind::MatchCase, [pattern, .., body]) => {
            pattern.field = Field::Pattern;
            body.field = Field::Body;
        }
        (Kind::Parameter, [pattern]) => pattern.field = Field::Pattern,
        // `C p`
        (Kind::ConstructorPattern, [_, argument]) => argument.field = Field::Pattern,
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::super::parse_tree;
    use super::super::super::syntax::Syntax;
    use super::*;
    use crate::project::SourceKind;
    use std::path::Path;

    /// Compares the fields that places tell with those that the grammar gives; returns how many nodes were compared.
    fn compare(text: &[u8], kind: SourceKind) -> usize {
        let syntax = Syntax::of(kind);
        let whole = Span { start: 0, end: text.len() as u32 };
        let tree = parse_tree(text, kind, whole).expect("a short text is parsed");
        let mut left = vec![tree.root_node()];
        let mut n_compared = 0;
        while let Some(node) = left.pop() {
            let mut cursor = node.walk();
            let mut children = Vec::new();
            let mut by_grammar = Vec::new();
            if cursor.goto_first_child() {
                loop {
                    let child = cursor.node();
                    left.push(child);
                    let kind = syntax.kind(child.kind_id());
                    let is_left_out = matches!(kind, Kind::Comment | Kind::Attribute | Kind::LineDirective);
                    if !is_left_out && !child.byte_range().is_empty() {
                        children.push(Child { node: child, kind, field: Field::Other });
                        let field = syntax.field(cursor.field_id());
                        by_grammar.push(if kind == Kind::Token { Field::Other } else { field });
                    }
                    if !cursor.goto_next_sibling() {
                        break;
                    }
                }
            }
            let kind = syntax.kind(node.kind_id());
            if has_fields_by_place(kind) && !node.has_error() && set_fields(kind, &mut children) {
                let by_place: Vec<Field> = children.iter().map(|child| child.field).collect();
                let shown = || String::from_utf8_lossy(&text[node.byte_range()]).into_owned();
                assert_eq!(by_place, by_grammar, "{kind:?}: {}", shown());
                n_compared += 1;
            }
        }
        n_compared
    }

    #[test]
    fn places_tell_the_fields_of_the_grammar() {
        let text = b"let f ?x ?(y = 1) ~z ~w:(a, b) (type t) (C p) = (f x y ~z ~w:1 [@inlined]) [@a] + begin match x with C y when y > 1 -> { x; y = 2 } | (* c *) _ -> begin[@b] f %x end end
let () = g (* c *) x; let%x y = 1 and z : int = 2 in let rec h : 'a. 'a -> 'a = fun x -> x and i = 3 in f @@ (y :: z) [@@b] let* x in x [%e 1] (x : t) ~(y : t) (let open M in x)";
        assert!(compare(text, SourceKind::Implementation) > 20);
    }

    #[test]
    fn places_tell_the_fields_of_the_grammar_in_the_corpus() {
        let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")];
        // What is there of the standard library has more of everything.
        dirs.extend(["/usr/lib/ocaml", "/usr/local/lib/ocaml"].map(Into::into));
        let mut n_compared = 0;
        while let Some(dir) = dirs.pop() {
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !path.starts_with("/usr") {
                    dirs.push(path);
                } else if path.extension().is_some_and(|extension| extension == "ml") {
                    let text = std::fs::read(&path).expect("it is there");
                    n_compared += compare(&text, SourceKind::Implementation);
                }
            }
        }
        assert!(n_compared > 2000, "{n_compared}");
    }
}
