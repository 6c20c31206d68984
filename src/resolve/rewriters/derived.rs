//! The names that the derivers of a type add to the structure or signature around it.

use super::function::Function;
use super::rules;
use super::table::Per;
use crate::base::{Idx, Name, name};
use crate::parse::{FileFacts, Item, ItemId, ItemKind, RewriteKind};
use crate::resolve::index::{Space, join};

/// A name that a deriver adds to the structure or signature of a type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derived {
    pub(crate) space: Space,
    /// The derived modules that it is in, as a dotted path; empty for most.
    pub(crate) home: Name,
    pub(crate) name: Name,
    /// The field or constructor that it is for.
    pub(super) part: Option<Name>,
    /// The rewrite that asks for it, an index of [`FileFacts::rewrites`].
    pub(crate) rewrite: u32,
    /// Whether it is surely a definition.
    pub(crate) is_definition: bool,
    /// What its code does, where the table says so.
    pub(crate) function: Option<&'static Function>,
}

impl Derived {
    /// Whether the code writes down its type, which names the one that it is derived from.
    pub(crate) fn is_annotated(&self) -> bool {
        self.space == Space::Value && self.part.is_none() && self.home.is_empty()
    }
}

/// Returns the names that derivers add for a type.
pub(crate) fn derived(facts: &FileFacts, item: &Item) -> Vec<Derived> {
    let ItemKind::Type { names, .. } = &item.kind else { return Vec::new() };
    let Some(&ty) = facts.names(*names).first() else { return Vec::new() };
    if facts.rewrites.is_empty() {
        return Vec::new();
    }
    let is_signature = facts.structure(item.parent).is_signature;
    let mut out = Vec::new();
    for rewrite in derivers_of(facts, item) {
        let word = facts.rewrites[rewrite as usize].name;
        let Some(deriver) = rules().derivers.get(word.as_str()) else { continue };
        for (space, functions) in [(Space::Value, &deriver.functions), (Space::Module, &deriver.modules)] {
            for function in functions {
                add(function, space, name(""), (facts, item, ty, rewrite), &mut out);
            }
        }
        let extra = if is_signature { deriver.in_signature.as_slice() } else { &[] };
        for template in deriver.names.iter().chain(extra) {
            let (space, home) = (Space::Value, name(""));
            let name = name(&instantiate(template, ty));
            out.push(Derived {
                space,
                home,
                name,
                part: None,
                rewrite,
                is_definition: false,
                function: None,
            });
        }
    }
    out
}

/// Whether something is derived from a type.
pub(crate) fn has_derivers(facts: &FileFacts, item: &Item) -> bool {
    !facts.rewrites.is_empty() && !derivers_of(facts, item).is_empty()
}

/// The derivers that a type has, as indices of [`FileFacts::rewrites`]: one attribute is for all types of `type .. and ..`.
fn derivers_of(facts: &FileFacts, item: &Item) -> Vec<u32> {
    let items = &facts.structure(item.parent).items;
    let first = items.partition_point(|&other: &ItemId| other.idx() < item.group.idx());
    let group = items[first..].iter().map(|&id| facts.item(id)).take_while(|other| other.group == item.group);
    let rewrites = group.flat_map(|other| other.rewrites.clone());
    rewrites.filter(|&index| facts.rewrites[index as usize].kind == RewriteKind::Deriver).collect()
}

/// Adds a function or module of a type, and what is inside it.
fn add(
    function: &'static Function,
    space: Space,
    home: Name,
    of: (&FileFacts, &Item, Name, u32),
    out: &mut Vec<Derived>,
) {
    let (facts, item, ty, rewrite) = of;
    let ItemKind::Type { constructors, fields, mutable_fields, shape, .. } = &item.kind else { return };
    // What a type is made of may be hidden by the signature; then the names are those of any type.
    let is_there = match facts.structure(item.parent).is_signature {
        true => !function.in_structure,
        false => function.when.holds(*shape, |_| false, |_| false),
    };
    if !is_there {
        return;
    }
    let own = function.name_t.as_ref().filter(|_| ty.as_str() == "t");
    let template = own.cloned().unwrap_or_else(|| instantiate(&function.name, ty));
    let parts: Vec<Option<Name>> = match function.per {
        Per::Type => vec![None],
        Per::Field => facts.names(*fields).iter().copied().map(Some).collect(),
        Per::MutableField => facts.names(*mutable_fields).iter().copied().map(Some).collect(),
        Per::Constructor => facts.names(*constructors).iter().map(|&name| Some(lowered(name))).collect(),
    };
    for part in parts {
        let text = part
            .map_or_else(|| template.clone(), |part| template.replace("{f}", &part).replace("{c}", &part));
        let name = name(&text);
        let function = Some(function);
        out.push(Derived { space, home, name, part, rewrite, is_definition: true, function });
        let inside = function.map_or(&[][..], |function| function.inside.as_slice());
        for inner in inside {
            let space = if inner.inside.is_empty() { Space::Value } else { Space::Module };
            add(inner, space, join(home, name), of, out);
        }
    }
}

/// Writes a template for a type.
pub(crate) fn instantiate(template: &str, ty: Name) -> String {
    match template {
        // `compare_{t}` is `compare` for a type called `t`, and so on: the suffix goes.
        _ if ty.as_str() == "t" && template.ends_with("_{t}!") => {
            template.trim_end_matches("_{t}!").to_owned()
        }
        _ if ty.as_str() == "t" && template.starts_with("!{t}_") => {
            template.trim_start_matches("!{t}_").to_owned()
        }
        _ => template.replace(['!'], "").replace("{t}", &ty),
    }
}

/// A constructor's name as that of a value.
pub(super) fn lowered(constructor: Name) -> Name {
    let text = constructor.to_lowercase();
    name(&if KEYWORDS.split(' ').any(|keyword| keyword == text) { text + "_" } else { text })
}

/// What no value can be called.
const KEYWORDS: &str = "and as assert begin class constraint do done downto else end exception external false for fun \
    function functor if in include inherit initializer lazy let match method module mutable new \
    nonrec object of open or private rec sig struct then to true try type val virtual when while \
    with";
