//! Which `open` provides the names of one file that are written without their module.

use super::eval::{EMPTY, Evaluator, Find, Module};
use super::index::Space;
use super::world::File;
use crate::base::{FileId, Idx, Span};
use crate::parse::{Binder, ItemKind, ModuleExpr, ModuleExprId, ScopeId};
use rustc_hash::FxHashMap;

/// Returns, for the span of each reference whose first name an `open` provides, the span of the path that is opened.
pub(crate) fn through_opens(eval: &mut Evaluator, file: FileId) -> FxHashMap<Span, Span> {
    let mut found = FxHashMap::default();
    let Some(loaded) = eval.file(file).cloned() else { return found };
    let facts = &loaded.facts;
    eval.begin(facts.refs.len());
    let mut modules: FxHashMap<ModuleExprId, Module> = FxHashMap::default();
    for reference in &facts.refs {
        let mut opens = opens_in_scope(&loaded, reference.scope).peekable();
        if opens.peek().is_none() {
            continue;
        }
        let Some((&head, rest)) = facts.names(reference.path).split_first() else { continue };
        let space = if rest.is_empty() { reference.kind.into() } else { Space::Module };
        let Find::Found(meant) = eval.lookup(file, reference.scope, EMPTY, space, head) else { continue };
        for (open, span) in opens {
            let module = *modules.entry(open).or_insert_with(|| eval.expression(file, open, EMPTY));
            if let Find::Found(provided) = eval.find(module, space, head)
                && provided.link == meant.link
                && provided.origin == meant.origin
            {
                found.insert(reference.span, span);
                break;
            }
        }
    }
    found
}

/// The opened paths in scope, the innermost first.
fn opens_in_scope(file: &File, scope: ScopeId) -> impl Iterator<Item = (ModuleExprId, Span)> {
    let facts = &file.facts;
    let around = move |&scope: &ScopeId| {
        let step = facts.scope(scope);
        (step.binder != Binder::File).then_some(step.parent)
    };
    let opened = move |scope: ScopeId| {
        let (local, structure, before) = match facts.scope(scope).binder {
            Binder::Open { module } => (Some(module), None, 0),
            Binder::Items { structure, before } => (None, Some(structure), before),
            _ => (None, None, 0),
        };
        let of_structure = structure.into_iter().flat_map(move |structure| {
            let opens = &file.index.scopes[structure.idx()].opens;
            let items = &facts.structure(structure).items;
            opens[..opens.partition_point(|&at| at < before)].iter().rev().map(|&at| items[at as usize])
        });
        let modules = of_structure.filter_map(|item| match facts.item(item).kind {
            ItemKind::Open { module, .. } => Some(module),
            _ => None,
        });
        local.into_iter().chain(modules)
    };
    std::iter::successors(Some(scope), around).flat_map(opened).filter_map(move |module| {
        let ModuleExpr::Path(path) = facts.module_expr(module) else { return None };
        Some((module, facts.reference(*path).span))
    })
}
