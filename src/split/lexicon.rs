//! Which item of its file a name means, by the lexical scopes of that file alone.
//!
//! Opens and includes may bind a name as well; they are passed over here, and their places told, so that callers can ask
//! the graph what the name really is.

use crate::base::{Idx, Name};
use crate::parse::{
    Binder, FileFacts, ItemId, ItemKind, ModuleExprId, Names, RefKind, Reference, StructureId,
};
use rustc_hash::FxHashMap;

/// A name space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Space {
    Value,
    Constructor,
    Field,
    Type,
    Module,
    ModuleType,
    Class,
}

/// What a name is, lexically.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lexical {
    /// Something inside the item itself.
    Local,
    /// The item of the file at this position.
    Root(u32),
    /// Nothing of the file.
    Outside,
}

/// The bindings of one file, by structure, name space and name.
pub(crate) struct Lexicon<'a> {
    pub(crate) facts: &'a FileFacts,
    binders: FxHashMap<(StructureId, Space, Name), Vec<u32>>,
}

impl<'a> Lexicon<'a> {
    pub(crate) fn new(facts: &'a FileFacts) -> Self {
        let mut binders: FxHashMap<(StructureId, Space, Name), Vec<u32>> = FxHashMap::default();
        for (i, structure) in facts.structures.iter().enumerate() {
            for (position, &item) in (0u32..).zip(&structure.items) {
                for (space, name) in bindings(facts, item) {
                    binders.entry((StructureId::new(i), space, name)).or_default().push(position);
                }
            }
        }
        Lexicon { facts, binders }
    }

    /// Returns the positions of the file's items that bind a name, in order.
    pub(crate) fn at_root(&self, space: Space, name: Name) -> &[u32] {
        self.binders.get(&(self.facts.root, space, name)).map_or(&[], Vec::as_slice)
    }

    /// Returns the name space and the name by which a path is looked up: its first component.
    pub(crate) fn head(&self, reference: &Reference) -> Option<(Space, Name)> {
        let path = self.facts.names(reference.path);
        let space = match reference.kind {
            _ if path.len() > 1 => Space::Module,
            RefKind::Value => Space::Value,
            RefKind::Constructor => Space::Constructor,
            RefKind::Field => Space::Field,
            RefKind::Type | RefKind::ClassType => Space::Type,
            RefKind::ModuleType => Space::ModuleType,
            RefKind::Class => Space::Class,
            RefKind::Module => Space::Module,
        };
        Some((space, *path.first()?))
    }

    /// Returns what the first component of a path is, opens and includes passed over.
    pub(crate) fn lookup(&self, reference: &Reference) -> Lexical {
        self.lookup_through(reference, &|_, _| Some(false)).0
    }

    /// Returns what the first component of a path is, and whether that is not sure, since a local `open`, or one of an inner
    /// structure, may bind it as well. `brings` tells whether a module has a name, as far as it is known.
    pub(crate) fn lookup_through(
        &self,
        reference: &Reference,
        brings: &dyn Fn(ModuleExprId, (Space, Name)) -> Option<bool>,
    ) -> (Lexical, bool) {
        let mut is_unsure = false;
        let Some((space, name)) = self.head(reference) else { return (Lexical::Local, false) };
        let mut at = reference.scope;
        loop {
            let scope = self.facts.scope(at);
            let binds = |names: Names, of: Space| of == space && self.facts.names(names).contains(&name);
            match scope.binder {
                Binder::File => return (Lexical::Outside, is_unsure),
                Binder::Open { module } => match brings(module, (space, name)) {
                    Some(true) => return (Lexical::Local, is_unsure),
                    Some(false) => {}
                    None => is_unsure = true,
                },
                Binder::Items { structure, before } => {
                    let found = self.binders.get(&(structure, space, name));
                    let last = found.and_then(|positions| {
                        positions[..positions.partition_point(|&position| position < before)].last()
                    });
                    if structure != self.facts.root {
                        let from = last.map_or(0, |&position| position as usize + 1);
                        let items = &self.facts.structure(structure).items;
                        let between = items.get(from..before as usize).unwrap_or_default();
                        for &item in between {
                            let (ItemKind::Open { module, .. } | ItemKind::Include { module }) =
                                self.facts.item(item).kind
                            else {
                                continue;
                            };
                            match brings(module, (space, name)) {
                                Some(true) => return (Lexical::Local, is_unsure),
                                Some(false) => {}
                                None => is_unsure = true,
                            }
                        }
                    }
                    match last {
                        Some(&position) if structure == self.facts.root => {
                            return (Lexical::Root(position), is_unsure);
                        }
                        Some(_) => return (Lexical::Local, is_unsure),
                        None => {}
                    }
                }
                Binder::Values(names) if binds(names, Space::Value) => return (Lexical::Local, is_unsure),
                Binder::Exception(names) if binds(names, Space::Constructor) => {
                    return (Lexical::Local, is_unsure);
                }
                Binder::Types(names) if binds(names, Space::Type) => return (Lexical::Local, is_unsure),
                Binder::Module { names, .. } | Binder::ModuleParam { names, .. }
                    if binds(names, Space::Module) =>
                {
                    return (Lexical::Local, is_unsure);
                }
                _ => {}
            }
            if scope.parent == at {
                return (Lexical::Outside, is_unsure);
            }
            at = scope.parent;
        }
    }
}

/// Returns the names that an item binds, each with its name space.
pub(crate) fn bindings(facts: &FileFacts, item: ItemId) -> Vec<(Space, Name)> {
    let item = facts.item(item);
    let mut out = Vec::new();
    let mut all =
        |space: Space, names: Names| out.extend(facts.names(names).iter().map(|&name| (space, name)));
    match &item.kind {
        ItemKind::Value { names, .. }
        | ItemKind::ValueSpec { names, .. }
        | ItemKind::External { names, .. } => {
            all(Space::Value, *names);
        }
        ItemKind::Type { names, constructors, fields, .. } => {
            all(Space::Type, *names);
            all(Space::Constructor, *constructors);
            all(Space::Field, *fields);
        }
        ItemKind::TypeExtension { constructors, .. } => all(Space::Constructor, *constructors),
        ItemKind::Exception { names, .. } => all(Space::Constructor, *names),
        ItemKind::Module { names, .. }
        | ItemKind::ModuleSpec { names, .. }
        | ItemKind::ModuleSubstitution { names, .. } => all(Space::Module, *names),
        ItemKind::ModuleTypeDef { names, .. } => all(Space::ModuleType, *names),
        ItemKind::Class { names, .. } => {
            all(Space::Class, *names);
            all(Space::Type, *names);
        }
        ItemKind::ClassType { names } => all(Space::Type, *names),
        ItemKind::Open { .. }
        | ItemKind::Include { .. }
        | ItemKind::IncludeType { .. }
        | ItemKind::Eval
        | ItemKind::Broken => {}
    }
    out
}
