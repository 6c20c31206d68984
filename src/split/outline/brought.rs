//! The names that opens and includes bring, as far as they can be listed.

use super::{Outline, PieceId};
use crate::base::{Name, Span, UnitId};
use crate::graph::Target;
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleExpr, ModuleExprId};
use crate::split::lexicon::{Space, bindings};
use crate::split::world::Tree;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// The names that an open or include brings.
pub(super) type Brought = FxHashSet<(Space, Name)>;

impl Outline<'_> {
    /// Whether an open or include binds a name; none when its names cannot be listed.
    pub(crate) fn may_bring(&self, piece: PieceId, name: (Space, Name)) -> Option<bool> {
        let mut is_any = false;
        for &item in &self.piece(piece).items {
            let (ItemKind::Open { module, .. } | ItemKind::Include { module }) = self.facts().item(item).kind
            else {
                continue;
            };
            is_any |= self.names_of(module)?.contains(&name);
        }
        Some(is_any)
    }

    /// Whether the names of an open or include are not known.
    pub(super) fn is_unlisted(&self, piece: PieceId) -> bool {
        self.piece(piece).items.iter().any(|&item| match self.facts().item(item).kind {
            ItemKind::Open { module, .. } | ItemKind::Include { module } => self.names_of(module).is_none(),
            _ => false,
        })
    }

    /// The names that an include brings, as far as they can be listed.
    pub(crate) fn included(&self, piece: PieceId) -> Vec<(Space, Name)> {
        let mut names = Vec::new();
        for &item in &self.piece(piece).items {
            if let ItemKind::Include { module } = self.facts().item(item).kind
                && let Some(found) = self.names_of(module)
            {
                names.extend(found.iter().copied());
            }
        }
        names.sort_unstable();
        names
    }

    /// The names of a module that is opened or included; none when they cannot be listed.
    pub(super) fn names_of(&self, module: ModuleExprId) -> Option<Rc<Brought>> {
        if let Some(known) = self.brought.borrow().get(&module) {
            return known.clone();
        }
        let names = self.list_names(module).map(Rc::new);
        self.brought.borrow_mut().insert(module, names.clone());
        names
    }

    fn list_names(&self, module: ModuleExprId) -> Option<Brought> {
        let facts = self.facts();
        match facts.module_expr(module) {
            ModuleExpr::Path(_) => module_names(self.tree, self.module_of(module)?, 0),
            ModuleExpr::Structure(structure) => {
                let mut names = FxHashSet::default();
                for &inner in &facts.structure(*structure).items {
                    if brings_names(facts, inner) {
                        return None;
                    }
                    names.extend(bindings(facts, inner));
                }
                Some(names)
            }
            _ => None,
        }
    }

    /// The module that an opened or included path stands for.
    pub(super) fn module_of(&self, module: ModuleExprId) -> Option<Target> {
        let ModuleExpr::Path(path) = self.facts().module_expr(module) else { return None };
        self.module_at(self.facts().reference(*path).span)
    }

    /// The module that a path at some place stands for.
    fn module_at(&self, span: Span) -> Option<Target> {
        self.edges_at(span.start)
            .find(|edge| edge.span == span && !edge.flags.get().coercion)
            .map(|edge| edge.target)
    }
}

/// Whether an item brings names that are not written in it.
fn brings_names(facts: &FileFacts, item: ItemId) -> bool {
    matches!(
        facts.item(item).kind,
        ItemKind::Include { .. } | ItemKind::IncludeType { .. } | ItemKind::Broken
    ) || !facts.item(item).rewrites.is_empty()
}

/// The names of a module, hidden ones included; none when its text is not at hand or includes something.
fn module_names(tree: Tree<'_>, target: Target, depth: u32) -> Option<FxHashSet<(Space, Name)>> {
    let unit = tree.project.unit(target.unit);
    let facts = tree.facts(unit.implementation().or(unit.interface())?)?;
    let mut structure = facts.root;
    for component in target.path.as_str().split('.').filter(|component| !component.is_empty()) {
        let body =
            facts.structure(structure).items.iter().rev().find_map(|&item| match &facts.item(item).kind {
                ItemKind::Module { names, body, .. } => {
                    (facts.names(*names).first()?.as_str() == component).then_some(*body)
                }
                _ => None,
            })?;
        structure = match facts.module_expr(body) {
            ModuleExpr::Structure(structure) => *structure,
            ModuleExpr::Constraint { module, .. } => match facts.module_expr(*module) {
                ModuleExpr::Structure(structure) => *structure,
                _ => return None,
            },
            _ => return None,
        };
    }
    let mut names = FxHashSet::default();
    for &item in &facts.structure(structure).items {
        if brings_names(facts, item) {
            names.extend(included_names(tree, facts, target.unit, item, depth)?);
        }
        names.extend(bindings(facts, item));
    }
    Some(names)
}

/// The names that `include P` inside another unit brings.
fn included_names(
    tree: Tree<'_>,
    facts: &FileFacts,
    unit: UnitId,
    item: ItemId,
    depth: u32,
) -> Option<FxHashSet<(Space, Name)>> {
    // Libraries nest includes a few deep; what nests deeper is unknown.
    if depth > 6 {
        return None;
    }
    let ItemKind::Include { module } = &facts.item(item).kind else { return None };
    let ModuleExpr::Path(path) = facts.module_expr(*module) else { return None };
    let span = facts.reference(*path).span;
    let edges = tree.graph.unit_defs(unit).flat_map(|def| tree.graph.edges_of(def));
    let target = edges.into_iter().find(|edge| edge.span == span && edge.flags.get().include)?.target;
    module_names(tree, target, depth + 1)
}
