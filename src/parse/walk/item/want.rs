//! References that an item knows by their place before they are met: the whole right-hand side of a value, the type behind
//! a type.

use crate::base::{Idx, RefId, Span};
use crate::parse::walk::{Walk, span};
use crate::parse::{ItemId, ItemKind, RefKind, TypeHead};
use tree_sitter::Node;

/// A reference that is known by its place before it is met.
pub(in crate::parse::walk) struct Want {
    pub(super) item: ItemId,
    pub(super) slot: Slot,
    pub(super) span: Span,
    pub(super) kind: RefKind,
}

pub(super) enum Slot {
    Ident,
    Manifest,
    Head,
    Rebind(usize),
    Substituted,
}

impl<'t> Walk<'t> {
    pub(super) fn want(&mut self, item: ItemId, slot: Slot, node: Node<'t>, kind: RefKind) {
        self.wants.push(Want { item, slot, span: span(node), kind });
    }

    /// Finds a reference by its place; references are in source order.
    pub(super) fn fulfil(&mut self, want: &Want) {
        let item = &mut self.facts.items[want.item.idx()];
        let refs = &self.facts.refs[item.refs.start as usize..item.refs.end as usize];
        let from = refs.partition_point(|reference| reference.span.start < want.span.start);
        let found = refs[from..]
            .iter()
            .take_while(|reference| reference.span.start == want.span.start)
            .position(|reference| reference.span == want.span && reference.kind == want.kind)
            .map(|at| RefId::new(item.refs.start as usize + from + at));
        match (&mut item.kind, &want.slot) {
            (ItemKind::Value { ident, .. } | ItemKind::Class { ident, .. }, Slot::Ident) => *ident = found,
            (ItemKind::Type { manifest, .. }, Slot::Manifest) => *manifest = found,
            (ItemKind::ValueSpec { head, .. }, Slot::Head) => *head = TypeHead::Path(found),
            (ItemKind::Exception { rebind, .. }, Slot::Rebind(_)) => *rebind = found,
            (ItemKind::TypeExtension { rebinds, .. }, Slot::Rebind(at)) => rebinds[*at] = found,
            (ItemKind::ModuleSubstitution { path, .. }, Slot::Substituted) => {
                if let Some(found) = found {
                    *path = found;
                }
            }
            _ => {}
        }
    }
}
