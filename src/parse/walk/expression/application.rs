//! What is applied to what: functions, constructors, operators, with their labels.

use crate::base::name;
use crate::parse::Arguments;
use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Child, Place, Task, Walk, span};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn application(&mut self, node: Node<'t>, place: Place) {
        let children = self.children(node);
        let n_arguments = children.iter().filter(|child| child.field == Field::Argument).count() as u32;
        let function = children.iter().find(|child| child.field == Field::Function);
        let is_raise = function.is_some_and(|function| self.is_raise(*function));
        match function.map(|function| function.kind) {
            Some(Kind::ConstructorPath | Kind::Tag) => self.constructed(node, &children),
            _ => {
                self.counts.applications += 1;
                self.counts.arguments += n_arguments;
                if let Some(function) = function.filter(|function| function.kind == Kind::ValuePath) {
                    let is_labelled = |child: &&Child<'_>| {
                        child.kind == Kind::LabeledArgument && child.field == Field::Argument
                    };
                    let n_labelled = children.iter().filter(is_labelled).count();
                    let given = Arguments::new(n_arguments as usize - n_labelled, n_labelled);
                    self.given = (function.node.start_byte() as u32, given);
                }
                self.may_be_formats(&children);
                self.counts.handlers += u32::from(is_raise);
                self.counts.raises += u32::from(is_raise);
            }
        }
        let mut is_first = true;
        for &child in &children {
            let at = match child.field {
                Field::Function if place == Place::Raised && child.kind == Kind::ConstructorPath => {
                    Place::Raised
                }
                Field::Argument if is_raise && is_first => Place::Raised,
                _ => Place::Plain,
            };
            is_first &= child.field != Field::Argument;
            self.plan(child, at);
        }
        self.recycle(children);
    }

    /// Counts `C e` as one block; where e is a tuple, that tuple is the block.
    fn constructed(&mut self, node: Node<'t>, children: &[Child<'t>]) {
        let argument = children.iter().find(|child| child.field == Field::Argument);
        let inner = argument.and_then(|child| self.strip(child.node, child.kind));
        let is_tuple = inner.is_some_and(|inner| self.syntax.kind(inner.kind_id()) == Kind::TupleExpression);
        if !is_tuple {
            self.count_blocks(node, 1, 1);
        }
    }

    /// Notes the strings among operands.
    fn may_be_formats(&mut self, children: &[Child<'t>]) {
        let strings = children.iter().filter(|child| matches!(child.kind, Kind::String | Kind::QuotedString));
        self.formats.extend(strings.map(|child| child.node.start_byte() as u32));
    }

    fn is_raise(&self, function: Child<'t>) -> bool {
        // The kind first: the left side of a chain of operators is a long text.
        if function.kind != Kind::ValuePath {
            return false;
        }
        let text = self.text_of(function.node);
        let name = text.rsplit(|&byte| byte == b'.').next().unwrap_or(text);
        matches!(name, b"raise" | b"raise_notrace" | b"raise_with_backtrace")
    }

    /// `~x:e`, `~x`, `~(x : t)`: the second and third use x.
    pub(super) fn labeled(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_pun = !children.iter().any(|child| child.field == Field::Expression);
        for &child in &children {
            if child.kind == Kind::LabelName && is_pun {
                let name = self.intern_node(child.node);
                self.name_ref(name, span(child.node));
            } else {
                self.plan(child, Place::Plain);
            }
        }
        self.recycle(children);
    }

    pub(super) fn operator(&mut self, node: Node<'t>, kind: Kind) {
        let is_constant = kind == Kind::SignExpression && self.negated_constant(node);
        self.counts.operators += u32::from(!is_constant);
        let children = self.children(node);
        let mut is_raise = false;
        for &child in &children {
            if child.field == Field::Operator {
                let text = self.text_of(child.node);
                let operator = match (kind, text) {
                    _ if is_constant => continue,
                    (Kind::SignExpression, _) => name(&format!("~{}", String::from_utf8_lossy(text))),
                    _ => self.intern(text),
                };
                self.counts.branches += u32::from(matches!(text, b"&&" | b"||" | b"&" | b"or"));
                self.tasks.push(Task::Operator(operator, span(child.node)));
                is_raise &= text == b"@@";
                if text == b"^^" {
                    self.may_be_formats(&children);
                }
            } else {
                // `raise @@ E x`
                let at = if is_raise && child.field == Field::Right { Place::Raised } else { Place::Plain };
                is_raise |= child.field == Field::Left && self.is_raise(child);
                self.plan(child, at);
            }
        }
        self.recycle(children);
    }
}
