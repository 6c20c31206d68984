//! Elements of arrays, strings and the like, read or assigned to: which functions they stand for.

use crate::base::{Span, name};
use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Place, Task, Walk, span};
use crate::parse::{RefKind, Role};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    /// `a.(i)`, `s.[i]`, `b.{i, j}`, `m.%(i)`, `m.M.%[i; j] <- v`.
    pub(super) fn index(&mut self, node: Node<'t>, kind: Kind, is_assigned: bool) {
        self.counts.accesses += 1;
        let children = self.children(node);
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::Dot, _) => self.tasks.push(Task::Index(node, kind, span(child.node), is_assigned)),
                (Kind::IndexingOperatorPath, _) => {
                    self.tasks.push(Task::Index(node, kind, span(child.node), is_assigned));
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
    }

    /// `e.f <- v`, `a.(i) <- v`; in `x <- v` x is an instance variable, which no structure defines.
    pub(super) fn set(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let mut is_index = false;
        for &child in &children {
            match child.kind {
                Kind::ArrayGetExpression | Kind::StringGetExpression | Kind::BigarrayGetExpression
                    if child.field != Field::Body =>
                {
                    self.tasks.push(Task::IndexSet(child.node, child.kind));
                    is_index = true;
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.counts.writes += u32::from(!is_index);
        self.recycle(children);
    }

    pub(in crate::parse::walk) fn index_set(&mut self, node: Node<'t>, kind: Kind) {
        self.index(node, kind, true);
    }

    /// Adds the reference that an index is; `at` is its dot or operator.
    pub(in crate::parse::walk) fn index_ref(
        &mut self,
        node: Node<'t>,
        kind: Kind,
        at: Span,
        is_assigned: bool,
    ) {
        let index = self.syntax.child(node, Field::Index);
        let index_kind = index.map(|index| self.syntax.kind(index.kind_id()));
        let mut cursor = node.walk();
        let operator = node
            .named_children(&mut cursor)
            .find(|child| self.syntax.kind(child.kind_id()) == Kind::IndexingOperatorPath);
        if let Some(operator) = operator {
            let dots = if index_kind == Some(Kind::SequenceExpression) { ";.." } else { "" };
            let (open, close) = match kind {
                Kind::ArrayGetExpression => ('(', ')'),
                Kind::StringGetExpression => ('[', ']'),
                _ => ('{', '}'),
            };
            let arrow = if is_assigned { "<-" } else { "" };
            return self.index_operator_ref(operator, &format!("{open}{dots}{close}{arrow}"));
        }
        let what = if is_assigned { "set" } else { "get" };
        match kind {
            Kind::ArrayGetExpression => self.made_up_ref(&["Array", what], at),
            Kind::StringGetExpression => self.made_up_ref(&["String", what], at),
            _ => {
                let mut cursor = node.walk();
                let n_indices = match index {
                    Some(index) if index_kind == Some(Kind::TupleExpression) => {
                        index.named_children(&mut cursor).filter(|child| !child.is_extra()).count()
                    }
                    _ => 1,
                };
                let module = match n_indices {
                    1 => "Array1",
                    2 => "Array2",
                    3 => "Array3",
                    _ => "Genarray",
                };
                self.made_up_ref(&["Bigarray", module, what], at);
            }
        }
    }

    fn index_operator_ref(&mut self, operator: Node<'t>, brackets: &str) {
        let mut cursor = operator.walk();
        let mut modules = None;
        let mut operator_name = String::new();
        for child in operator.named_children(&mut cursor) {
            match self.syntax.kind(child.kind_id()) {
                Kind::ModulePath => modules = Some(child),
                Kind::IndexingOperator => {
                    operator_name = String::from_utf8_lossy(self.text_of(child)).into_owned()
                }
                _ => {}
            }
        }
        let name = name(&(operator_name + brackets));
        match modules {
            None => {
                self.name_ref(name, span(operator));
            }
            Some(modules) => {
                let mut path = self.path(modules, &mut Vec::new());
                self.facts.names.push(name);
                path.end += 1;
                self.push_ref(RefKind::Value, Role::Plain, path, span(operator));
            }
        }
    }
}
