//! Types that only the old interface says.
//!
//! What an application makes may have type variables that nothing in its text decides (`let schema = custom Int`): the interface
//! does, and the private unit that the value moves to has none. There its type is written down, as the interface has it, where all
//! that it names means the same.

use super::moved::OldUnit;
use super::source::{Changes, Source};
use super::writer::Writer;
use crate::base::{FileId, Name, Span};
use crate::parse::{
    FileFacts, ItemId, ItemKind, ModuleExpr, ModuleType, RefKind, Reference, Shape, StructureId,
};
use crate::resolve::{Addr, EMPTY, Find, Found, Space};
use crate::split::lexicon::head;
use crate::split::model::Risk;
use crate::split::plan::{Part, Plan, Recipe, Role};
use crate::split::risks::place;
use crate::split::signature::module_signature;
use rustc_hash::FxHashMap;

/// Types of which what they hold may be generalised, whatever made it: their parameters are covariant.
const COVARIANT: [&str; 6] = ["list", "option", "result", "lazy_t", "Lazy.t", "Seq.t"];

/// Writes down the types of a part's values that its interface would have decided; those that cannot be are told.
pub(super) fn annotate(writer: &mut Writer<'_>, old: &OldUnit<'_>, plan: &Plan, part: &Part) -> Changes {
    let mut changes = Changes::default();
    let Some((mli, interface)) = &old.interface else { return changes };
    if part.recipe == Recipe::MoveInterface {
        return changes;
    }
    let annotator = Annotator { old, plan, part, mli: *mli, interface };
    match &part.role {
        Role::Core | Role::Base => {
            annotator.items(writer, &part.items, interface.facts.root, &mut changes);
        }
        Role::Submodule { path } => {
            if let Some(signature) = module_signature(writer.tree, old.unit, *path) {
                annotator.module(writer, part.items[0], signature.structure, &mut changes);
            }
        }
        Role::Wrapper { .. } | Role::Effects => {}
    }
    changes
}

struct Annotator<'p, 'a> {
    old: &'p OldUnit<'a>,
    plan: &'p Plan,
    part: &'p Part,
    mli: FileId,
    interface: &'p Source<'a>,
}

impl Annotator<'_, '_> {
    /// Goes through items of one structure, of which a signature of the interface tells.
    fn items(
        &self,
        writer: &mut Writer<'_>,
        items: &[ItemId],
        signature: StructureId,
        changes: &mut Changes,
    ) {
        let (facts, interface) = (self.old.implementation.facts, self.interface.facts);
        let Some(&first) = items.first() else { return };
        let beside = &facts.structure(facts.item(first).parent).items;
        let specs = &interface.structure(signature).items;
        // What is bound anew further on is what the signature means.
        let values = last_by_name(facts, beside, |kind| matches!(kind, ItemKind::Value { .. }));
        let value_specs = last_by_name(interface, specs, |kind| matches!(kind, ItemKind::ValueSpec { .. }));
        let module_specs = last_by_name(interface, specs, |kind| matches!(kind, ItemKind::ModuleSpec { .. }));
        for &item in items {
            let found = facts.item(item);
            let &[name] = facts.names(found.names()) else { continue };
            match found.kind {
                ItemKind::Value {
                    shape: Shape::Expr | Shape::Constant | Shape::Lazy,
                    is_simple: true,
                    ..
                } => {
                    if let Some(&spec) = value_specs.get(&name).filter(|_| values.get(&name) == Some(&item)) {
                        self.value(writer, item, spec, changes);
                    }
                }
                ItemKind::Module { .. } => {
                    if let Some(&spec) = module_specs.get(&name)
                        && let ItemKind::ModuleSpec { body, .. } = interface.item(spec).kind
                        && let ModuleType::Signature(signature) = interface.module_type(body)
                    {
                        self.module(writer, item, *signature, changes);
                    }
                }
                _ => {}
            }
        }
    }

    /// Goes through a module that is a plain structure.
    fn module(&self, writer: &mut Writer<'_>, item: ItemId, signature: StructureId, changes: &mut Changes) {
        let facts = self.old.implementation.facts;
        if let ItemKind::Module { body, .. } = facts.item(item).kind
            && let ModuleExpr::Structure(structure) = facts.module_expr(body)
        {
            self.items(writer, &facts.structure(*structure).items, signature, changes);
        }
    }

    fn value(&self, writer: &mut Writer<'_>, item: ItemId, spec: ItemId, changes: &mut Changes) {
        let source = &self.old.implementation;
        let (Some(bound), Some(span)) = (source.name_span(item), self.type_of(spec)) else { return };
        if !self.may_be_narrowed(writer, spec, span) {
            return;
        }
        // Where a type is written already, it is said.
        let behind = Span { start: bound.end, end: source.facts.item(item).span.end };
        if !source.without_comments(behind).trim_start().starts_with('=') {
            return;
        }
        if self.references(spec).iter().all(|named| self.means_the_same(writer, named, item)) {
            let text = self.interface.without_comments(span);
            let words: Vec<&str> = text.split_whitespace().collect();
            changes.insert(bound.end, format!(" : {}", words.join(" ")));
            return;
        }
        writer.risk(Risk {
            code: "weak-type",
            message:
                "its type may be one that only the interface says, and its new unit has none: write it down"
                    .to_owned(),
            place: Some(place(writer.tree, self.old.ml, bound.start)),
        });
    }

    /// Where the type of a specification is.
    fn type_of(&self, spec: ItemId) -> Option<Span> {
        let end = self.interface.body(self.interface.facts.item(spec)).end;
        let behind = Span { start: self.interface.name_span(spec)?.end, end };
        let text = self.interface.without_comments(behind);
        let colon = text.len() - text.trim_start().strip_prefix(':')?.len();
        Some(Span { start: behind.start + colon as u32, end })
    }

    /// What a specification names.
    fn references(&self, spec: ItemId) -> &[Reference] {
        let facts = self.interface.facts;
        let range = facts.item(spec).refs.clone();
        &facts.refs[range.start as usize..range.end as usize]
    }

    /// Whether a value of a type may have had a wider one, with variables that could not be generalised: the type has none, and
    /// somewhere a parameter that is not known to be covariant.
    fn may_be_narrowed(&self, writer: &mut Writer<'_>, spec: ItemId, span: Span) -> bool {
        let text = self.interface.without_comments(span);
        if has_variables(&text) || text.contains("->") {
            return !has_variables(&text);
        }
        let types = self.references(spec).iter().filter(|named| named.kind == RefKind::Type);
        let mut applied = types.filter(|named| {
            let before = named.span.start.checked_sub(span.start).and_then(|n| text.get(..n as usize));
            before.is_none_or(ends_with_argument)
        });
        applied.any(|named| !self.is_covariant(writer, named))
    }

    /// Whether all parameters of a type are said to be covariant.
    fn is_covariant(&self, writer: &mut Writer<'_>, named: &Reference) -> bool {
        let facts = self.interface.facts;
        let path = facts.names(named.path);
        if COVARIANT.contains(&self.interface.slice(named.span)) {
            return true;
        }
        let found = writer.eval.resolve(self.mli, facts, path, named.scope, EMPTY, Space::Type);
        let Find::Found(Found { item: Some(binding), .. }) = found else { return false };
        let Ok(source) = writer.source(binding.file) else { return false };
        let item = source.facts.item(binding.item);
        let ItemKind::Type { n_params, has_variance: true, .. } = item.kind else { return false };
        let Some(name) = source.name_span(binding.item) else { return false };
        let head = source.without_comments(Span { start: item.span.start, end: name.start });
        head.matches('+').count() == n_params as usize && !head.contains('-')
    }

    /// Whether what the interface names means the same where an item stands, and will in the file of the part.
    fn means_the_same(&self, writer: &mut Writer<'_>, named: &Reference, item: ItemId) -> bool {
        let facts = self.old.implementation.facts;
        let Some((space, head)) = head(self.interface.facts, named) else { return false };
        let scope = facts.item(item).scope;
        let said = writer.eval.lookup(self.mli, named.scope, EMPTY, space.into(), head);
        let meant = writer.eval.lookup(self.old.ml, scope, EMPTY, space.into(), head);
        let is_own = |addr: Addr| matches!(addr, Addr::Field(unit, _) if unit == self.old.unit);
        let is_free = self.old.lexicon.at_root(space, head).is_none();
        match (said, meant) {
            (Find::Local, Find::Local) => is_free,
            (Find::Found(said), Find::Found(meant)) if is_own(said.link) => {
                let binding = meant.item.filter(|binding| binding.file == self.old.ml);
                let Some(binding) = binding.filter(|_| said.link == meant.link) else { return false };
                // Inside of what moves, all moves with it.
                facts.item(binding.item).parent != facts.root
                    || self.comes_along(binding.item) && self.old.lexicon.is_single_at_root(space, head)
            }
            (Find::Found(said), Find::Found(meant)) => is_free && said.canon == meant.canon,
            _ => false,
        }
    }

    /// Whether the part has an item of the file, or sees it.
    fn comes_along(&self, item: ItemId) -> bool {
        let seen = self.part.sees.iter().map(|&seen| &self.plan.parts[seen]);
        std::iter::once(self.part).chain(seen).any(|part| part.items.contains(&item))
    }
}

/// The last of some items of a kind that binds each name.
fn last_by_name(
    facts: &FileFacts,
    items: &[ItemId],
    is_meant: impl Fn(&ItemKind) -> bool,
) -> FxHashMap<Name, ItemId> {
    let meant = items.iter().filter(|&&item| is_meant(&facts.item(item).kind));
    meant
        .flat_map(|&item| facts.names(facts.item(item).names()).iter().map(move |&name| (name, item)))
        .collect()
}

/// Whether a type has variables, those of open variants among them; or what is not looked into.
fn has_variables(ty: &str) -> bool {
    ["'", "[>", "[<", "..", "[@", "\""].iter().any(|mark| ty.contains(mark))
}

/// Whether the argument of a type stands at the end of a text.
fn ends_with_argument(text: &str) -> bool {
    let text = text.trim_end();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let word = text.rsplit(|c| !is_part(c)).next().unwrap_or_default();
    text.ends_with([')', ']', '>'])
        || !word.is_empty() && !["of", "as", "module", "with", "type", "and"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_types() {
        for text in ["int ", "(int, string)", "[ `A of int ] ", "< get : int >", "x:A.t"] {
            assert!(ends_with_argument(text), "{text}");
        }
        for text in ["", "(", "int * ", "[ `A of ", "x:", "(module S with type "] {
            assert!(!ends_with_argument(text), "{text}");
        }
    }
}
