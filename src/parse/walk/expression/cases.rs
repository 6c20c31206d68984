//! Match cases: which of them are reached, and what their patterns bind.

use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Child, Place, Task, Walk};
use tree_sitter::Node;

/// How a case is reached: one that takes everything leaves nothing for those behind it that are reached by the same way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Value,
    Exception,
    Effect,
}

impl<'t> Walk<'t> {
    pub(super) fn match_with(&mut self, node: Node<'t>) {
        let children = self.children_without_fields(node);
        self.plan_cases(&children, Place::Pattern);
        self.recycle(children);
    }

    /// Plans the visit of what has cases. Behind `_ -> ..` and `x -> ..` nothing is reached by the same way: the compiler
    /// drops it, and what it names is not linked.
    pub(in crate::parse::walk) fn plan_cases(&mut self, children: &[Child<'t>], place: Place) {
        let mut taken: Vec<Way> = Vec::new();
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
            let (way, pattern) = self.way_to(child.node, place);
            let is_dead = taken.contains(&way);
            if is_dead {
                self.tasks.push(Task::BeginTypeLevel);
            }
            self.plan(child, place);
            if is_dead {
                self.tasks.push(Task::EndTypeLevel);
            }
            if !is_dead
                && pattern.is_some_and(|pattern| self.takes_all(pattern))
                && !self.is_guarded(child.node)
            {
                taken.push(way);
            }
        }
    }

    /// By which way a case is reached, and the pattern that says for what.
    fn way_to(&self, case: Node<'t>, place: Place) -> (Way, Option<Node<'t>>) {
        let plain = if place == Place::Handler { Way::Exception } else { Way::Value };
        let Some(pattern) = self.syntax.child(case, Field::Pattern) else { return (plain, None) };
        match self.syntax.kind(pattern.kind_id()) {
            Kind::ExceptionPattern => (Way::Exception, pattern.named_child(0)),
            // `effect e, k`: the first is what was performed.
            Kind::EffectPattern => (Way::Effect, pattern.named_child(0)),
            _ => (plain, Some(pattern)),
        }
    }

    /// Whether a pattern is a name or `_`.
    fn takes_all(&self, pattern: Node<'t>) -> bool {
        let text = self.text_of(pattern);
        let is_name = text.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\''));
        let is_variable = text.first().is_some_and(|&first| first == b'_' || first.is_ascii_lowercase());
        is_name && is_variable && !matches!(text, b"true" | b"false")
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
