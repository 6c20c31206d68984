//! Where the names of one file are: for each structure, names to positions, and the path that code outside gives it.

use super::rewriters::{self, Derived};
use super::strides::Strides;
use crate::base::{Idx, Name, UnitId, name};
use crate::parse::{
    FileFacts, Item, ItemId, ItemKind, ModuleExpr, ModuleExprId, ModuleType, ModuleTypeId, Names, RefKind,
    StructureId,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;

/// OCaml's name spaces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Space {
    Value,
    Constructor,
    Field,
    Type,
    Module,
    ModuleType,
    Class,
    ClassType,
}

impl From<RefKind> for Space {
    fn from(kind: RefKind) -> Space {
        match kind {
            RefKind::Value => Space::Value,
            RefKind::Constructor => Space::Constructor,
            RefKind::Field => Space::Field,
            RefKind::Type => Space::Type,
            RefKind::ModuleType => Space::ModuleType,
            RefKind::Class => Space::Class,
            RefKind::ClassType => Space::ClassType,
            RefKind::Module => Space::Module,
        }
    }
}

/// Where a name is bound in a structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    /// The position of the item in the structure.
    pub(crate) position: u32,
    /// Which of the item's names it is (constructors and fields: which of those).
    pub(crate) nth: u32,
    /// Whether a deriver adds it: it has no text of its own.
    pub(crate) is_derived: bool,
}

/// The names of one structure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scopes {
    /// Where each name is bound.
    pub(crate) names: Bound,
    /// Positions of `include` items.
    pub(crate) includes: Vec<u32>,
    /// Positions of `open` items.
    pub(crate) opens: Vec<u32>,
    /// Whether some item binds a module.
    pub(crate) has_modules: bool,
}

/// Names with where they are bound, in two arrays: a hash table of lists takes four times as much.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound {
    /// For each key a bit by its hash: most names that are looked for stand in another structure, and most of those are told
    /// by a bit that is not set.
    bits: Box<[u64]>,
    keys: Box<[(Space, Name)]>,
    /// Of each key; those of one name in source order.
    slots: Box<[Slot]>,
}

/// More bindings of one name are counted by halves.
const FEW: usize = 8;

impl Bound {
    fn new(mut bindings: Vec<((Space, Name), Slot)>) -> Self {
        bindings.sort_by_key(|&(key, _)| order(key));
        // About a byte for each.
        let n_words = if bindings.is_empty() { 0 } else { (bindings.len() / 8).next_power_of_two() };
        let mut bits = vec![0; n_words];
        for &(key, _) in &bindings {
            let (word, bit) = bit(order(key), bits.len());
            bits[word] |= bit;
        }
        Bound {
            bits: bits.into(),
            keys: bindings.iter().map(|&(key, _)| key).collect(),
            slots: bindings.iter().map(|&(_, slot)| slot).collect(),
        }
    }
    /// Returns the bindings of a name, in source order.
    pub(crate) fn get(&self, space: Space, name: Name) -> &[Slot] {
        let key = order((space, name));
        let (word, bit) = bit(key, self.bits.len());
        if self.bits.get(word).is_none_or(|bits| bits & bit == 0) {
            return &[];
        }
        let start = self.keys.partition_point(|&other| order(other) < key);
        let is_same = |&other: &(Space, Name)| order(other) == key;
        let mut n = self.keys[start..].iter().take(FEW).take_while(|&other| is_same(other)).count();
        if n == FEW {
            n = self.keys[start..].partition_point(is_same);
        }
        &self.slots[start..start + n]
    }
    /// Returns the names bound in a name space, in no order, those bound twice perhaps twice.
    pub(crate) fn of_space(&self, space: Space) -> impl Iterator<Item = Name> + '_ {
        self.keys.iter().filter(move |key| key.0 == space).map(|key| key.1)
    }
}

/// The word and the bit of a key.
#[inline]
fn bit(key: u64, n_words: usize) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // Other bits of it choose the word: a power of two, or none.
    ((hash >> 32) as usize & n_words.wrapping_sub(1), 1 << (hash >> 58))
}

/// Where a key stands, in one number: this is compared a dozen times for every name that is looked up.
#[inline]
fn order((space, name): (Space, Name)) -> u64 {
    (space as u64) << 32 | u64::from(name.number())
}

/// The path by which code outside reaches the items of a structure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Home {
    /// `prefix.item` in the file's unit; the prefix is empty for the file itself.
    Path(Name),
    /// Nothing outside can name them.
    Local,
}

/// Names and homes of all structures of one file.
#[derive(Clone, Debug)]
pub(crate) struct FileIndex {
    pub(crate) unit: UnitId,
    /// By [`StructureId`].
    pub(crate) scopes: Vec<Scopes>,
    /// By [`StructureId`].
    pub(crate) homes: Vec<Home>,
    /// What derivers make of each type, where they make code.
    derived: FxHashMap<ItemId, Vec<Derived>>,
    /// What is inside the modules that they make: the type, the module, and the name.
    inside_derived: FxHashSet<(ItemId, Name, Space, Name)>,
    /// Where its scopes lie deep in each other.
    pub(crate) strides: Option<Box<Strides>>,
}

impl FileIndex {
    pub(crate) fn new(facts: &FileFacts, unit: UnitId, derives: bool) -> Self {
        let derived: FxHashMap<ItemId, Vec<Derived>> = match derives && !facts.rewrites.is_empty() {
            true => {
                let of_item = |(id, item)| (ItemId::new(id), rewriters::derived(facts, item));
                let all = facts.items.iter().enumerate().map(of_item);
                all.filter(|(_, derived)| !derived.is_empty()).collect()
            }
            false => FxHashMap::default(),
        };
        let inside_derived = derived.iter().flat_map(|(&item, derived)| {
            let inside = derived.iter().filter(|derived| !derived.home.is_empty());
            inside.map(move |derived| (item, derived.home, derived.space, derived.name))
        });
        let inside_derived = inside_derived.collect();
        let scopes =
            facts.structures.iter().map(|structure| scopes_of(facts, &structure.items, &derived)).collect();
        let mut homes = vec![Home::Local; facts.structures.len()];
        let mut todo = vec![(facts.root, name(""))];
        while let Some((structure, prefix)) = todo.pop() {
            if prefix.len() > MAX_PATH_BYTES {
                continue;
            }
            homes[structure.idx()] = Home::Path(prefix);
            for &item in &facts.structure(structure).items {
                nested_structures(facts, facts.item(item), prefix, &mut todo);
            }
        }
        FileIndex { unit, scopes, homes, derived, inside_derived, strides: Strides::new(facts) }
    }

    /// Returns what derivers make of a type; nothing where they make no code.
    pub(crate) fn derived(&self, item: ItemId) -> &[Derived] {
        self.derived.get(&item).map_or(&[], Vec::as_slice)
    }

    /// Whether a module that a deriver makes of a type has a name.
    pub(crate) fn has_inside(&self, item: ItemId, module: Name, space: Space, name: Name) -> bool {
        self.inside_derived.contains(&(item, module, space, name))
    }
}

/// What lies deeper has no path: no code names it, and the paths of ten thousand nested modules take a gigabyte.
const MAX_PATH_BYTES: usize = 4096;

/// How many joined names each thread has at hand.
const N_JOINED: usize = 4096;

thread_local! {
    /// Prefixes and names that were joined of late, with what came of it.
    static JOINED: [Cell<Option<[Name; 3]>>; N_JOINED] = const { [const { Cell::new(None) }; N_JOINED] };
}

/// Joins a dotted prefix and a name.
pub(crate) fn join(prefix: Name, last: Name) -> Name {
    if prefix.is_empty() {
        return last;
    }
    JOINED.with(|joined| {
        // Numbers come one after the other: a product spreads the pairs.
        let place = prefix.number().wrapping_mul(0x9E37_79B1) ^ last.number();
        let slot = &joined[place as usize % N_JOINED];
        if let Some([of, and, whole]) = slot.get()
            && (of, and) == (prefix, last)
        {
            return whole;
        }
        let whole = name(&format!("{prefix}.{last}"));
        slot.set(Some([prefix, last, whole]));
        whole
    })
}

fn nested_structures(facts: &FileFacts, item: &Item, prefix: Name, todo: &mut Vec<(StructureId, Name)>) {
    let inner = |names: Names| join(prefix, facts.names(names).first().copied().unwrap_or_else(|| name("_")));
    match &item.kind {
        ItemKind::Module { names, body, .. } => structures_of_expr(facts, *body, inner(*names), todo),
        ItemKind::ModuleSpec { names, body, .. } => structures_of_type(facts, *body, inner(*names), todo),
        ItemKind::Open { module, .. } | ItemKind::Include { module } => {
            structures_of_expr(facts, *module, prefix, todo);
        }
        _ => {}
    }
}

fn structures_of_expr(
    facts: &FileFacts,
    mut expr: ModuleExprId,
    prefix: Name,
    todo: &mut Vec<(StructureId, Name)>,
) {
    loop {
        match facts.module_expr(expr) {
            ModuleExpr::Structure(structure) => return todo.push((*structure, prefix)),
            ModuleExpr::Functor { body, .. } => expr = *body,
            ModuleExpr::Constraint { module, .. } => expr = *module,
            _ => return,
        }
    }
}

fn structures_of_type(
    facts: &FileFacts,
    mut ty: ModuleTypeId,
    prefix: Name,
    todo: &mut Vec<(StructureId, Name)>,
) {
    loop {
        match facts.module_type(ty) {
            ModuleType::Signature(structure) => return todo.push((*structure, prefix)),
            ModuleType::Functor { result, .. } => ty = *result,
            ModuleType::With { base, .. } => ty = *base,
            _ => return,
        }
    }
}

fn scopes_of(facts: &FileFacts, items: &[ItemId], derived: &FxHashMap<ItemId, Vec<Derived>>) -> Scopes {
    use Space::*;
    let mut scopes = Scopes::default();
    let mut bindings: Vec<((Space, Name), Slot)> = Vec::new();
    for (position, &id) in items.iter().enumerate() {
        let position = position as u32;
        let item = facts.item(id);
        let mut bind = |spaces: &[Space], names: Names| {
            for (nth, &bound) in facts.names(names).iter().enumerate() {
                for &space in spaces {
                    let slot = Slot { position, nth: nth as u32, is_derived: false };
                    bindings.push(((space, bound), slot));
                }
            }
        };
        match &item.kind {
            ItemKind::Value { names, .. }
            | ItemKind::ValueSpec { names, .. }
            | ItemKind::External { names, .. } => {
                bind(&[Value], *names);
            }
            ItemKind::Type { names, constructors, fields, .. } => {
                bind(&[Type], *names);
                bind(&[Constructor], *constructors);
                bind(&[Field], *fields);
            }
            ItemKind::TypeExtension { constructors, .. } => bind(&[Constructor], *constructors),
            ItemKind::Exception { names, .. } => bind(&[Constructor], *names),
            ItemKind::Module { names, .. }
            | ItemKind::ModuleSpec { names, .. }
            | ItemKind::ModuleSubstitution { names, .. } => {
                bind(&[Module], *names);
                scopes.has_modules = true;
            }
            ItemKind::ModuleTypeDef { names, .. } => bind(&[ModuleType], *names),
            ItemKind::Class { names, .. } => bind(&[Class, ClassType, Type], *names),
            ItemKind::ClassType { names } => bind(&[ClassType, Type], *names),
            ItemKind::Open { .. } => scopes.opens.push(position),
            ItemKind::Include { .. } | ItemKind::IncludeType { .. } => scopes.includes.push(position),
            ItemKind::Eval | ItemKind::Broken => {}
        }
        let derived = derived.get(&id).into_iter().flatten();
        for derived in derived.filter(|derived| derived.home.is_empty()) {
            let slot = Slot { position, nth: 0, is_derived: true };
            bindings.push(((derived.space, derived.name), slot));
        }
    }
    scopes.names = Bound::new(bindings);
    scopes
}
