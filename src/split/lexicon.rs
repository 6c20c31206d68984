//! Which item of its file a name means, by the lexical scopes of that file alone.
//!
//! Opens and includes may bind a name as well; they are passed over here, and their places told, so that callers can ask
//! the graph what the name really is.

use crate::base::{Idx, Name};
use crate::parse::{
    Binder, FileFacts, ItemId, ItemKind, ModuleExprId, Names, RefKind, Reference, ScopeId, StructureId,
};
use crate::resolve::{self, Strides};
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

impl From<resolve::Space> for Space {
    fn from(space: resolve::Space) -> Self {
        match space {
            resolve::Space::Value => Space::Value,
            resolve::Space::Constructor => Space::Constructor,
            resolve::Space::Field => Space::Field,
            resolve::Space::Type | resolve::Space::ClassType => Space::Type,
            resolve::Space::Module => Space::Module,
            resolve::Space::ModuleType => Space::ModuleType,
            resolve::Space::Class => Space::Class,
        }
    }
}

impl From<Space> for resolve::Space {
    fn from(space: Space) -> Self {
        match space {
            Space::Value => resolve::Space::Value,
            Space::Constructor => resolve::Space::Constructor,
            Space::Field => resolve::Space::Field,
            Space::Type => resolve::Space::Type,
            Space::Module => resolve::Space::Module,
            Space::ModuleType => resolve::Space::ModuleType,
            Space::Class => resolve::Space::Class,
        }
    }
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

/// A name that some item of the file binds at its own level.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct RootName(u32);

impl RootName {
    /// Returns its position, less than [`Lexicon::n_bindings`].
    pub(crate) fn idx(self) -> usize {
        self.0 as usize
    }
}

/// What the first component of a path is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) lexical: Lexical,
    /// Whether that is not sure, since a local `open`, or one of an inner structure, may bind it as well.
    pub(crate) is_unsure: bool,
    /// The name, where it was looked for among those of the file and some item binds it, here or elsewhere.
    pub(crate) name: Option<RootName>,
}

/// The bindings of one file, by structure, name space and name.
pub(crate) struct Lexicon<'a> {
    pub(crate) facts: &'a FileFacts,
    /// For each name of a structure, where among `binders` its last binding is.
    last: FxHashMap<(StructureId, Space, Name), u32>,
    binders: Vec<Bound>,
    /// For each scope, the next one around it that does more than bind values, types or exceptions.
    outer: Vec<ScopeId>,
    /// The names that those bind which are passed over then, perhaps others.
    inner: NameFilter,
    strides: Option<Box<Strides>>,
}

/// A binding: the position of the item, and where the one before it is.
#[derive(Clone, Copy)]
struct Bound {
    position: u32,
    before: Option<u32>,
}

impl<'a> Lexicon<'a> {
    pub(crate) fn new(facts: &'a FileFacts) -> Self {
        let mut last: FxHashMap<(StructureId, Space, Name), u32> = FxHashMap::default();
        let mut binders: Vec<Bound> = Vec::with_capacity(facts.items.len());
        for (i, structure) in facts.structures.iter().enumerate() {
            for (position, &item) in (0u32..).zip(&structure.items) {
                each_binding(facts, item, |space, name| {
                    let before = last.insert((StructureId::new(i), space, name), binders.len() as u32);
                    binders.push(Bound { position, before });
                });
            }
        }
        Lexicon {
            facts,
            last,
            binders,
            outer: outer_scopes(facts),
            inner: NameFilter::of_inner(facts),
            strides: Strides::new(facts),
        }
    }

    /// Returns the position of the last of the file's items that binds a name.
    pub(crate) fn last_at_root(&self, space: Space, name: Name) -> Option<u32> {
        Some(self.binders[self.at_root(space, name)?.idx()].position)
    }

    /// Whether one of the file's items binds a name, and no other does.
    pub(crate) fn is_single_at_root(&self, space: Space, name: Name) -> bool {
        self.at_root(space, name).is_some_and(|at| self.binders[at.idx()].before.is_none())
    }

    /// Returns a name that items of the file bind.
    pub(crate) fn at_root(&self, space: Space, name: Name) -> Option<RootName> {
        self.last.get(&(self.facts.root, space, name)).copied().map(RootName)
    }

    /// Returns how many bindings there are, those of inner structures included.
    pub(crate) fn n_bindings(&self) -> usize {
        self.binders.len()
    }

    /// Returns the position of the last item that binds a name, of those in front of a position; `at` is the last of all.
    fn last_before(&self, mut at: Option<u32>, position: u32) -> Option<u32> {
        while let Some(i) = at {
            let found = self.binders[i as usize];
            if found.position < position {
                return Some(found.position);
            }
            at = found.before;
        }
        None
    }

    /// Returns the name space and the name by which a path is looked up: its first component.
    pub(crate) fn head(&self, reference: &Reference) -> Option<(Space, Name)> {
        head(self.facts, reference)
    }

    /// Returns what the first component of a path is, opens and includes passed over.
    pub(crate) fn lookup(&self, reference: &Reference) -> Lexical {
        self.lookup_through(reference, &|_, _| Some(false)).lexical
    }

    /// Returns what the first component of a path is. `brings` tells whether a module has a name, as far as it is known.
    pub(crate) fn lookup_through(
        &self,
        reference: &Reference,
        brings: &dyn Fn(ModuleExprId, (Space, Name)) -> Option<bool>,
    ) -> Found {
        let mut found = Found { lexical: Lexical::Local, is_unsure: false, name: None };
        let Some((space, name)) = self.head(reference) else { return found };
        // Most scopes are those of a variable or two, and most paths start with a module or something else that is no variable.
        let is_outer = space == Space::Module || !self.inner.may_have(name);
        let mut at = reference.scope;
        loop {
            if let Some(strides) = &self.strides {
                at = strides.pass(at, name);
            }
            let scope = &self.facts.scopes[at.idx()];
            let binds = |names: Names| self.facts.names(names).contains(&name);
            match scope.binder {
                Binder::File => return Found { lexical: Lexical::Outside, ..found },
                Binder::Open { module } => match brings(module, (space, name)) {
                    Some(true) => return found,
                    Some(false) => {}
                    None => found.is_unsure = true,
                },
                Binder::Items { structure, before } => {
                    let at = self.last.get(&(structure, space, name)).copied();
                    if structure == self.facts.root {
                        found.name = at.map(RootName);
                    }
                    let last = self.last_before(at, before);
                    if structure != self.facts.root {
                        let from = last.map_or(0, |position| position as usize + 1);
                        let items = &self.facts.structure(structure).items;
                        let between = items.get(from..before as usize).unwrap_or_default();
                        for &item in between {
                            let (ItemKind::Open { module, .. } | ItemKind::Include { module }) =
                                self.facts.item(item).kind
                            else {
                                continue;
                            };
                            match brings(module, (space, name)) {
                                Some(true) => return found,
                                Some(false) => {}
                                None => found.is_unsure = true,
                            }
                        }
                    }
                    match last {
                        Some(position) if structure == self.facts.root => {
                            return Found { lexical: Lexical::Root(position), ..found };
                        }
                        Some(_) => return found,
                        None => {}
                    }
                }
                Binder::Values(names) if space == Space::Value && binds(names) => {
                    return found;
                }
                Binder::Exception(names) if space == Space::Constructor && binds(names) => {
                    return found;
                }
                Binder::Types(names) if space == Space::Type && binds(names) => {
                    return found;
                }
                Binder::Module { names, .. } | Binder::ModuleParam { names, .. }
                    if space == Space::Module && binds(names) =>
                {
                    return found;
                }
                _ => {}
            }
            if scope.parent == at {
                return Found { lexical: Lexical::Outside, ..found };
            }
            at = if is_outer { self.outer[at.idx()] } else { scope.parent };
        }
    }
}

/// Returns the name space and the name by which a path of a file is looked up: its first component.
pub(crate) fn head(facts: &FileFacts, reference: &Reference) -> Option<(Space, Name)> {
    let path = facts.names(reference.path);
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

/// For each scope, the next one around it that does more than bind values, types or exceptions.
fn outer_scopes(facts: &FileFacts) -> Vec<ScopeId> {
    let mut outer: Vec<ScopeId> = Vec::with_capacity(facts.scopes.len());
    for scope in &facts.scopes {
        let around = scope.parent;
        let is_small = matches!(
            facts.scopes[around.idx()].binder,
            Binder::Values(_) | Binder::Exception(_) | Binder::Types(_)
        );
        // A scope comes behind the one that it is in.
        outer.push(if is_small { outer.get(around.idx()).copied().unwrap_or(around) } else { around });
    }
    outer
}

/// A set of names that may seem to have more than it was given.
struct NameFilter([u64; 16]);

impl NameFilter {
    /// Takes the names that scopes of values, types and exceptions bind.
    fn of_inner(facts: &FileFacts) -> Self {
        let mut filter = NameFilter([0; 16]);
        for scope in &facts.scopes {
            if let Binder::Values(names) | Binder::Exception(names) | Binder::Types(names) = scope.binder {
                for &name in facts.names(names) {
                    let (word, bit) = Self::place(name);
                    filter.0[word] |= bit;
                }
            }
        }
        filter
    }

    fn may_have(&self, name: Name) -> bool {
        let (word, bit) = Self::place(name);
        self.0[word] & bit != 0
    }

    fn place(name: Name) -> (usize, u64) {
        let number = name.number();
        (number as usize / 64 % 16, 1 << (number % 64))
    }
}

/// Returns the names that an item binds, each with its name space.
pub(crate) fn bindings(facts: &FileFacts, item: ItemId) -> Vec<(Space, Name)> {
    let mut names = Vec::new();
    each_binding(facts, item, |space, name| names.push((space, name)));
    names
}

/// Calls `found` with each name that an item binds.
pub(crate) fn each_binding(facts: &FileFacts, item: ItemId, mut found: impl FnMut(Space, Name)) {
    let item = facts.item(item);
    let mut all = |space: Space, names: Names| facts.names(names).iter().for_each(|&name| found(space, name));
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
}
