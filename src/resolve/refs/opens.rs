//! Modules that are opened or included and of which it is not known what they have.
//!
//! A name behind one may be its own. It is taken for what it would mean without it, which may be wrong, so somebody has to be told.
//! Where a path is opened its reference tells it (`modules`); here it is what has no path of its own: `(val e)`, `F (X)`.

use super::Walk;
use crate::base::{Idx, Span};
use crate::parse::{Binder, FileFacts, ItemKind, ModuleExpr, ModuleExprId, Reference};
use crate::resolve::eval::{EMPTY, Reason, Sig};
use crate::resolve::model::Unresolved;

impl Walk<'_, '_, '_> {
    /// Tells what is opened or included in the text and not known.
    pub(super) fn opens(&mut self) {
        let facts = self.facts;
        for item in &facts.items {
            if let ItemKind::Open { module, .. } | ItemKind::Include { module } = item.kind
                && self.is_unknown(module)
            {
                self.unknown_open(module, Some(item.span));
            }
        }
        for (scope, opened) in facts.scopes.iter().enumerate() {
            if let Binder::Open { module } = opened.binder
                && self.is_unknown(module)
            {
                // What stands in it tells where that is; where nothing does, nothing can be wrong.
                let inside = facts.refs.iter().find(|reference| reference.scope.idx() >= scope);
                self.unknown_open(module, inside.map(|reference| reference.span));
            }
        }
    }

    fn is_unknown(&mut self, module: ModuleExprId) -> bool {
        let is_anonymous =
            matches!(self.facts.module_expr(module), ModuleExpr::Unpack { .. } | ModuleExpr::Apply { .. });
        is_anonymous
            && !self.eval.is_exhausted()
            && matches!(self.eval.expression(self.file, module, EMPTY).sig, Sig::Unknown(_))
    }

    fn unknown_open(&mut self, module: ModuleExprId, around: Option<Span>) {
        let (path, at) = shown(self.facts, module);
        let Some(span) = at.or(around) else { return };
        let reason = Reason::Opened.word();
        self.out.unresolved.push(Unresolved { unit: self.unit, file: self.file, path, span, reason });
    }
}

/// How a module without a path is written, in short, and where.
fn shown(facts: &FileFacts, module: ModuleExprId) -> (String, Option<Span>) {
    let text = |reference: &Reference| {
        facts.names(reference.path).iter().map(|name| name.as_str()).collect::<Vec<&str>>().join(".")
    };
    let mut head = module;
    while let ModuleExpr::Apply { functor, .. } = facts.module_expr(head) {
        head = *functor;
    }
    match facts.module_expr(head) {
        ModuleExpr::Path(path) => {
            let functor = facts.reference(*path);
            (format!("{} (..)", text(functor)), Some(functor.span))
        }
        ModuleExpr::Unpack { value: Some(value), .. } => {
            let value = facts.reference(*value);
            (format!("(val {})", text(value)), Some(value.span))
        }
        ModuleExpr::Unpack { .. } => ("(val ..)".to_owned(), None),
        _ => ("(functor ..) (..)".to_owned(), None),
    }
}
