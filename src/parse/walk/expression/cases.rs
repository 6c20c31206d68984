//! Match cases: which of them are reached, and what their patterns bind.

use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Child, Place, Task, Walk};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn match_with(&mut self, node: Node<'t>) {
        let children = self.children_without_fields(node);
        self.plan_cases(&children, Place::Pattern);
        self.recycle(children);
    }

    /// Plans the visit of what has cases. Behind `_ -> ..` and `x -> ..` nothing is reached: the compiler drops it, and
    /// what it names is not linked.
    pub(in crate::parse::walk) fn plan_cases(&mut self, children: &[Child<'t>], place: Place) {
        let mut is_dropped = false;
        for &child in children {
            match child.kind {
                Kind::MatchCase => {}
                // `match a, b with`: no tuple is made.
                Kind::TupleExpression if place == Place::Pattern => {
                    self.plan_children(child.node, Place::Plain);
                    continue;
                }
                _ => {
                    self.plan(child, Place::Plain);
                    continue;
                }
            }
            // `exception E` in a `match` is reached by another way.
            let is_dead = is_dropped && (place == Place::Handler || !self.is_exception_case(child.node));
            if is_dead {
                self.tasks.push(Task::BeginTypeLevel);
            }
            self.plan(child, place);
            if is_dead {
                self.tasks.push(Task::EndTypeLevel);
            }
            is_dropped |= self.takes_all(child.node);
        }
    }

    fn is_exception_case(&self, case: Node<'t>) -> bool {
        let pattern = self.syntax.child(case, Field::Pattern);
        pattern.is_some_and(|pattern| self.syntax.kind(pattern.kind_id()) == Kind::ExceptionPattern)
    }

    /// Whether a case has no guard and a pattern that is a name or `_`.
    fn takes_all(&mut self, case: Node<'t>) -> bool {
        let Some(pattern) = self.syntax.child(case, Field::Pattern) else { return false };
        let text = self.text_of(pattern);
        let is_name = text.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\''));
        let is_variable = text.first().is_some_and(|&first| first == b'_' || first.is_ascii_lowercase());
        is_name && is_variable && !matches!(text, b"true" | b"false") && !self.is_guarded(case)
    }

    fn is_guarded(&mut self, case: Node<'t>) -> bool {
        self.cursor.reset(case);
        let mut is_open = self.cursor.goto_first_child();
        while is_open {
            if self.syntax.is_guard(self.cursor.node()) {
                return true;
            }
            is_open = self.cursor.goto_next_sibling();
        }
        false
    }

    /// `p when g -> e`; at a place in an expression it is a case of `function`.
    pub(super) fn match_case(&mut self, node: Node<'t>, place: Place) {
        self.counts.cases += 1;
        let place = if place == Place::Handler { Place::Handler } else { Place::Pattern };
        let scope = self.scope();
        let children = self.children(node);
        self.tasks.push(Task::Mark);
        let mut is_bound = false;
        for &child in &children {
            if child.field == Field::Pattern {
                self.plan(child, place);
                self.tasks.push(Task::Bind);
                is_bound = true;
            } else {
                self.plan(child, Place::Plain);
            }
        }
        if !is_bound {
            self.tasks.push(Task::Discard);
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }
}
