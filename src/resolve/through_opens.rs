//! Which `open` provides the names of one file that are written without their module.

use super::eval::{EMPTY, Evaluator, Find, Module};
use super::index::Space;
use crate::base::{FileId, Span};
use crate::parse::{Binder, FileFacts, ItemKind, ModuleExpr, ModuleExprId, ScopeId};
use rustc_hash::FxHashMap;

/// Returns, for the span of each reference whose first name an `open` provides, the span of the path that is opened.
pub(crate) fn through_opens(eval: &mut Evaluator, file: FileId) -> FxHashMap<Span, Span> {
    let mut found = FxHashMap::default();
    let Some(loaded) = eval.file(file).cloned() else { return found };
    let facts = &loaded.facts;
    eval.begin(facts.refs.len());
    let mut opens_at: FxHashMap<ScopeId, Vec<(ModuleExprId, Span)>> = FxHashMap::default();
    let mut modules: FxHashMap<ModuleExprId, Module> = FxHashMap::default();
    for reference in &facts.refs {
        let opens = opens_at.entry(reference.scope).or_insert_with(|| opens_in_scope(facts, reference.scope));
        if opens.is_empty() {
            continue;
        }
        let Some((&head, rest)) = facts.names(reference.path).split_first() else { continue };
        let space = if rest.is_empty() { reference.kind.into() } else { Space::Module };
        let Find::Found(meant) = eval.lookup(file, reference.scope, EMPTY, space, head) else { continue };
        for &(open, span) in opens.iter() {
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
fn opens_in_scope(facts: &FileFacts, mut scope: ScopeId) -> Vec<(ModuleExprId, Span)> {
    let mut opens = Vec::new();
    let mut add = |module: ModuleExprId| {
        if let ModuleExpr::Path(path) = facts.module_expr(module) {
            opens.push((module, facts.reference(*path).span));
        }
    };
    loop {
        let step = facts.scope(scope);
        match step.binder {
            Binder::File => return opens,
            Binder::Open { module } => add(module),
            Binder::Items { structure, before } => {
                for &item in facts.structure(structure).items.iter().take(before as usize).rev() {
                    if let ItemKind::Open { module, .. } = facts.item(item).kind {
                        add(module);
                    }
                }
            }
            _ => {}
        }
        scope = step.parent;
    }
}
