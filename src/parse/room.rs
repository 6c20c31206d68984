//! Room for lists that grow with every file: each thread keeps that of the lists which it has filled, and facts get lists of
//! their exact length.

use super::{FileFacts, Item, ModuleExpr, Reference, Scope};
use crate::base::{Name, Span};
use std::cell::RefCell;

/// Lists that take more than this are not kept: the next file as long will grow them again.
const MAX_BYTES: usize = 1 << 20;

/// Empty lists with room.
#[derive(Default)]
pub(super) struct Room {
    pub(super) items: Vec<Item>,
    pub(super) module_exprs: Vec<ModuleExpr>,
    pub(super) scopes: Vec<Scope>,
    pub(super) refs: Vec<Reference>,
    pub(super) names: Vec<Name>,
    pub(super) name_spans: Vec<(u32, Span)>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Takes the room of this thread.
pub(super) fn take() -> Room {
    ROOM.take()
}

/// Gives facts lists of their exact length, since they are kept to the end, and keeps the room that growing has left.
pub(super) fn settle(facts: &mut FileFacts) {
    fn exact<T>(list: &mut Vec<T>) -> Vec<T> {
        let mut grown = std::mem::take(list);
        list.reserve_exact(grown.len());
        list.append(&mut grown);
        if grown.capacity() * size_of::<T>() > MAX_BYTES { Vec::new() } else { grown }
    }
    fn shrink<T>(list: &mut Vec<T>) {
        if list.capacity() > list.len() + list.len() / 8 {
            exact(list);
        }
    }
    ROOM.set(Room {
        items: exact(&mut facts.items),
        module_exprs: exact(&mut facts.module_exprs),
        scopes: exact(&mut facts.scopes),
        refs: exact(&mut facts.refs),
        names: exact(&mut facts.names),
        name_spans: exact(&mut facts.name_spans),
    });
    facts.counts.shrink();
    shrink(&mut facts.structures);
    facts.structures.iter_mut().for_each(|structure| shrink(&mut structure.items));
    shrink(&mut facts.module_types);
    shrink(&mut facts.constraints);
    shrink(&mut facts.rewrites);
    shrink(&mut facts.type_marks);
}
