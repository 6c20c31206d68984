//! What a right-hand side is, as far as its syntax tells.

use super::super::Shape;
use super::super::syntax::{Field, Kind};
use super::Walk;
use super::children::MAX_NUMBERED;
use tree_sitter::Node;

impl<'t> Walk<'t> {
    /// Looks through parentheses, type constraints and coercions.
    pub(super) fn strip(&self, node: Node<'t>, kind: Kind) -> Option<Node<'t>> {
        let (mut node, mut kind) = (node, kind);
        while matches!(kind, Kind::ParenthesizedExpression | Kind::TypedExpression) {
            node = self.syntax.child(node, Field::Expression)?;
            kind = self.syntax.kind(node.kind_id());
        }
        Some(node)
    }

    /// Returns the shape of a right-hand side.
    pub(super) fn shape(&self, node: Node<'t>, kind: Kind) -> Shape {
        let Some(node) = self.strip(node, kind) else { return Shape::Expr };
        match self.syntax.kind(node.kind_id()) {
            Kind::ValuePath => Shape::Ident,
            Kind::LazyExpression => Shape::Lazy,
            Kind::FunctionExpression | Kind::FunExpression => Shape::Function,
            _ if self.is_constant(node) => Shape::Constant,
            _ => Shape::Expr,
        }
    }

    /// Returns how many arguments a named function is given, where nothing runs for any of them: names, constants, functions.
    pub(super) fn idle_arguments(&self, node: Node<'t>, kind: Kind) -> u32 {
        let application = self.strip(node, kind);
        let is_application =
            |node: &Node<'t>| self.syntax.kind(node.kind_id()) == Kind::ApplicationExpression;
        let Some(application) = application.filter(is_application) else { return 0 };
        let is_name = |node: Node<'t>| {
            let stripped = self.strip(node, self.syntax.kind(node.kind_id()));
            stripped.is_some_and(|node| self.syntax.kind(node.kind_id()) == Kind::ValuePath)
        };
        match self.parts(application).split_first() {
            Some((&function, arguments))
                if is_name(function)
                    && arguments.iter().all(|&one| is_name(one) || self.is_constant(one)) =>
            {
                arguments.len() as u32
            }
            _ => 0,
        }
    }

    /// Whether nothing runs to make the value: constants and functions, and data made of those.
    fn is_constant(&self, node: Node<'t>) -> bool {
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            let Some(node) = self.strip(node, self.syntax.kind(node.kind_id())) else { return false };
            match self.syntax.kind(node.kind_id()) {
                Kind::Number | Kind::SignedNumber | Kind::Character | Kind::String | Kind::QuotedString => {}
                Kind::Unit | Kind::Boolean | Kind::EmptyList | Kind::Tag | Kind::ConstructorPath => {}
                Kind::FunExpression | Kind::FunctionExpression => {}
                Kind::SignExpression => match self.negated_constant(node) {
                    true => {}
                    false => return false,
                },
                Kind::TupleExpression
                | Kind::ListExpression
                | Kind::ArrayExpression
                | Kind::ConsExpression => {
                    left.extend(self.parts(node));
                }
                Kind::RecordExpression => {
                    for part in self.parts(node) {
                        match (self.syntax.kind(part.kind_id()), self.syntax.child(part, Field::Body)) {
                            (Kind::FieldExpression, Some(body)) => left.push(body),
                            // `{ r with .. }` copies, `{ x }` reads x.
                            _ => return false,
                        }
                    }
                }
                Kind::ApplicationExpression => match self.constructor_arguments(node) {
                    Some(arguments) => left.extend(arguments),
                    None => return false,
                },
                _ => return false,
            }
        }
        true
    }

    /// Whether a block is data of the object file: every part of it is a literal or such a block.
    ///
    /// Blocks are asked for in the order of the text, outer ones first, and each text is searched once: of the blocks inside one
    /// that was searched, those that end before the place where the search ended are constant, those around it are not.
    pub(super) fn is_static(&mut self, node: Node<'t>) -> bool {
        let (start, end) = (node.start_byte(), node.end_byte());
        let (from, to) = self.searched;
        if from <= start && start <= to && (start < to || from < to) {
            return end <= to;
        }
        let mut left = vec![node];
        while let Some(at) = left.pop() {
            match self.static_parts(at) {
                // The first part is on top of the stack.
                Some(parts) => left.extend(parts.into_iter().rev()),
                None => {
                    self.searched = (start, at.start_byte());
                    return false;
                }
            }
        }
        self.searched = (start, end);
        true
    }

    /// Returns the parts of a block, nothing for a literal; `None` for what is neither.
    fn static_parts(&self, node: Node<'t>) -> Option<Vec<Node<'t>>> {
        let node = self.strip(node, self.syntax.kind(node.kind_id()))?;
        let is_field = |part: &Node<'t>| self.syntax.kind(part.kind_id()) == Kind::FieldExpression;
        match self.syntax.kind(node.kind_id()) {
            Kind::Number | Kind::SignedNumber | Kind::Character | Kind::String | Kind::QuotedString => {
                Some(Vec::new())
            }
            Kind::Unit | Kind::Boolean | Kind::EmptyList | Kind::Tag | Kind::ConstructorPath => {
                Some(Vec::new())
            }
            Kind::SignExpression => self.negated_constant(node).then(Vec::new),
            Kind::TupleExpression | Kind::ListExpression | Kind::ArrayExpression | Kind::ConsExpression => {
                Some(self.parts(node))
            }
            // `{ r with .. }` copies, `{ x }` reads x.
            Kind::RecordExpression => {
                let field = |part: Node<'t>| self.syntax.child(part, Field::Body).filter(|_| is_field(&part));
                self.parts(node).into_iter().map(field).collect()
            }
            Kind::ApplicationExpression => self.constructor_arguments(node),
            _ => None,
        }
    }

    /// `-1`, `-. 1.5`: the parser makes a constant of it.
    pub(super) fn negated_constant(&self, node: Node<'t>) -> bool {
        let operator = self.syntax.child(node, Field::Operator).map(|operator| self.text_of(operator));
        let mut operand = self.syntax.child(node, Field::Expression);
        while let Some(inner) = operand
            && self.syntax.kind(inner.kind_id()) == Kind::ParenthesizedExpression
        {
            operand = self.syntax.child(inner, Field::Expression);
        }
        let Some(operand) = operand.filter(|inner| self.syntax.kind(inner.kind_id()) == Kind::Number) else {
            return false;
        };
        let digits = self.text_of(operand);
        let is_hexadecimal = digits.starts_with(b"0x") || digits.starts_with(b"0X");
        let is_float = digits.iter().any(|byte| match byte {
            b'.' => true,
            b'p' | b'P' => is_hexadecimal,
            b'e' | b'E' => !is_hexadecimal,
            _ => false,
        });
        // `-. 1` is `~-. 1`, an error to the type checker but not to the parser.
        !matches!(operator, Some(b"-." | b"+.")) || is_float
    }

    /// The arguments of a constructor; none where a function is applied.
    fn constructor_arguments(&self, node: Node<'t>) -> Option<Vec<Node<'t>>> {
        let function = self.syntax.child(node, Field::Function)?;
        let is_constructor =
            matches!(self.syntax.kind(function.kind_id()), Kind::ConstructorPath | Kind::Tag);
        is_constructor.then(|| self.parts(node).into_iter().skip(1).collect())
    }

    fn parts(&self, node: Node<'t>) -> Vec<Node<'t>> {
        let n_children = node.named_child_count() as u32;
        if n_children <= MAX_NUMBERED {
            let children = (0..n_children).filter_map(|nth| node.named_child(nth));
            return children.filter(|child| !child.is_extra()).collect();
        }
        let mut cursor = node.walk();
        node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
    }

    /// Whether a pattern is one plain name, possibly with a type.
    pub(super) fn is_plain_name(&self, node: Node<'t>, kind: Kind) -> bool {
        let (mut node, mut kind) = (node, kind);
        while matches!(kind, Kind::ParenthesizedPattern | Kind::TypedPattern) {
            let mut cursor = node.walk();
            let Some(inner) = node.named_children(&mut cursor).find(|child| !child.is_extra()) else {
                return false;
            };
            node = inner;
            kind = self.syntax.kind(node.kind_id());
        }
        matches!(kind, Kind::ValueName | Kind::ValuePattern | Kind::ParenthesizedOperator)
    }
}
