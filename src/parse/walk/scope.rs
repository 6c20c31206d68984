//! Scopes, and the names that are local to an expression.

use super::super::{Binder, Names, Scope, ScopeId};
use super::Walk;
use crate::base::{Idx, Name, Span};
use rustc_hash::FxHashMap;

/// The scopes around the walk, innermost last, with what is needed to tell in one look-up whether a value is local.
///
/// `depth_of` has for each value name the depth of the innermost scope that binds it. It is local when that depth is
/// above `barrier`, the depth of the innermost scope that may bind names we do not know: an open, or the items of a
/// structure.
pub(super) struct Env {
    active: Vec<Active>,
    depth_of: FxHashMap<Name, u32>,
    /// What leaving a scope puts back.
    undo: Vec<(Name, u32)>,
    barrier: u32,
}

struct Active {
    scope: ScopeId,
    undo_from: usize,
    outer_barrier: u32,
}

impl Default for Env {
    fn default() -> Self {
        let file = Active { scope: ScopeId(0), undo_from: 0, outer_barrier: 0 };
        Env { active: vec![file], depth_of: FxHashMap::default(), undo: Vec::new(), barrier: 0 }
    }
}

impl Env {
    fn top(&self) -> ScopeId {
        self.active.last().expect("the file's scope is never left").scope
    }

    fn leave(&mut self) {
        if self.active.len() > 1
            && let Some(active) = self.active.pop()
        {
            for (name, depth) in self.undo.drain(active.undo_from..).rev() {
                self.depth_of.insert(name, depth);
            }
            self.barrier = active.outer_barrier;
        }
    }
}

impl<'t> Walk<'t> {
    /// What is in scope now.
    pub(super) fn scope(&self) -> ScopeId {
        self.env.top()
    }

    /// Adds to the scope.
    pub(super) fn enter(&mut self, binder: Binder) -> ScopeId {
        let id = ScopeId::new(self.facts.scopes.len());
        self.facts.scopes.push(Scope { parent: self.scope(), binder });
        self.activate(id);
        id
    }

    /// Goes to any scope made so far: an ancestor when a construct ends, another branch for the fields of objects.
    ///
    /// Ends because each step leaves a scope or goes to a parent, whose id is smaller.
    pub(super) fn return_to(&mut self, target: ScopeId) {
        let mut branch = Vec::new();
        let mut at = target;
        while self.scope() != at {
            if self.scope() > at {
                self.env.leave();
            } else {
                branch.push(at);
                at = self.facts.scopes[at.idx()].parent;
            }
        }
        for &scope in branch.iter().rev() {
            self.activate(scope);
        }
    }

    fn activate(&mut self, scope: ScopeId) {
        let depth = self.env.active.len() as u32;
        let active = Active { scope, undo_from: self.env.undo.len(), outer_barrier: self.env.barrier };
        self.env.active.push(active);
        match self.facts.scopes[scope.idx()].binder {
            Binder::Values(names) => {
                for &name in &self.facts.names[names.range()] {
                    let outer = self.env.depth_of.insert(name, depth).unwrap_or(0);
                    self.env.undo.push((name, outer));
                }
            }
            Binder::Open { .. } | Binder::Items { .. } | Binder::File => self.env.barrier = depth,
            Binder::Exception(_) | Binder::Types(_) | Binder::Module { .. } | Binder::ModuleParam { .. } => {}
        }
    }

    /// Whether an unqualified value is bound inside the expression, with no open in between.
    pub(super) fn is_local(&self, name: Name) -> bool {
        self.env.depth_of.get(&name).is_some_and(|&depth| depth > self.env.barrier)
    }

    /// Stores names that an item binds, with their places.
    pub(super) fn bound_names(&mut self, bound: impl IntoIterator<Item = (Name, Span)>) -> Names {
        let start = self.facts.names.len() as u32;
        for (name, span) in bound {
            self.facts.name_spans.push((self.facts.names.len() as u32, span));
            self.facts.names.push(name);
        }
        Names { start, end: self.facts.names.len() as u32 }
    }

    /// Stores names that are bound inside an item.
    pub(super) fn local_names(&mut self, bound: impl IntoIterator<Item = (Name, Span)>) -> Names {
        let start = self.facts.names.len() as u32;
        self.facts.names.extend(bound.into_iter().map(|(name, _)| name));
        Names { start, end: self.facts.names.len() as u32 }
    }
}
