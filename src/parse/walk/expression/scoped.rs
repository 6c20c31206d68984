//! What binds names that end with it: functions, `let .. in`, loops, comprehensions.

use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Place, Task, Walk};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    /// Walks the children in order; names that they bind end with the node.
    pub(super) fn scoped_children(&mut self, node: Node<'t>) {
        let scope = self.scope();
        self.plan_children(node, Place::Plain);
        self.tasks.push(Task::Scope(scope));
    }

    /// `fun p q -> e`: names that the parameters bind end with the node.
    pub(super) fn function(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let children = self.children_without_fields(node);
        let n_parameters = children.iter().filter(|child| child.kind == Kind::Parameter).count();
        self.counts.curried += u32::from(n_parameters > 1);
        for &child in &children {
            self.plan(child, Place::Plain);
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    pub(super) fn let_in(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let children = self.children_without_fields(node);
        for &child in &children {
            match child.kind.is_structure_item() {
                true => self.tasks.push(Task::Local(child.node, child.kind)),
                false => self.plan(child, Place::Plain),
            }
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    /// `for i = a to b do .. done`: the bounds do not see i.
    pub(super) fn for_loop(&mut self, node: Node<'t>) {
        self.counts.branches += 1;
        let scope = self.scope();
        let children = self.children(node);
        self.tasks.push(Task::Mark);
        for (at, &child) in children.iter().enumerate() {
            if at + 1 == children.len() {
                self.tasks.push(Task::Bind);
            }
            self.plan(child, if child.field == Field::Name { Place::Pattern } else { Place::Plain });
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    /// `[ e for x in l when c ]` of OxCaml: the names stand behind the expression that uses them.
    // APPROX: all iterators see all names.
    pub(super) fn comprehension(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let mut bindings = vec![node];
        self.marks.push((self.bound.len(), self.bound_modules.len()));
        while let Some(at) = bindings.pop() {
            let mut cursor = at.walk();
            for child in at.named_children(&mut cursor) {
                match child.kind() {
                    "comprehension_iterator" | "comprehension_binding" => bindings.push(child),
                    _ if self.syntax.child(at, Field::Name) == Some(child) => self.collect_names(child),
                    _ => {}
                }
            }
        }
        self.bind();
        self.tasks.push(Task::Mark);
        self.plan_children(node, Place::Plain);
        self.tasks.push(Task::Discard);
        self.tasks.push(Task::Scope(scope));
    }
}
