//! What of a file can matter to others: its items without the right-hand sides of its values.
//!
//! Takes facts and text; gives one segment for each item that has a path, in source order. Two versions of a file are
//! compared by their segments ([`Surface::difference`]): when all are equal, nothing that another unit resolves can change;
//! when no include and nothing like it differs, nothing but what has one of the names that are bound can.

use super::index::{FileIndex, Home};
use super::rewriters;
use crate::base::{Idx, Name};
use crate::parse::{FileFacts, Item, ItemKind, Shape};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};

/// What others can see of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Surface {
    segments: Vec<Segment>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Segment {
    hash: u64,
    /// The names that it binds.
    names: Vec<Name>,
    reach: Reach,
}

/// Which names an item can change the meaning of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    /// Those that it binds.
    Own,
    /// Those that items behind it bind: an open.
    Later,
    /// Others too: an include.
    Any,
}

/// How two versions of a file differ for others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Difference {
    /// Not at all.
    None,
    /// Only in what these names mean.
    Names(FxHashSet<Name>),
    /// In ways that names do not tell.
    Any,
}

impl Surface {
    pub(crate) fn new(facts: &FileFacts, index: &FileIndex, text: &[u8]) -> Self {
        let items: Vec<(Name, &Item)> = facts
            .items
            .iter()
            .filter_map(|item| match index.homes[item.parent.idx()] {
                Home::Path(prefix) => Some((prefix, item)),
                Home::Local => None,
            })
            .collect();
        let segments = items.iter().enumerate().filter_map(|(at, (prefix, item))| {
            // Items inside come behind the one around them.
            let inside = items[at + 1..].iter().take_while(|(_, inner)| inner.span.start < item.span.end);
            let mut inner_spans = inside.map(|(_, inner)| inner.span);
            let first = inner_spans.next();
            let last = inner_spans.last().or(first);
            let header = item.span.start..first.map_or(item.span.end, |span| span.start);
            let footer = last.map_or(item.span.end, |span| span.end.min(item.span.end))..item.span.end;
            segment(facts, *prefix, item, [header, footer].map(|range| own_text(text, range)))
        });
        Surface { segments: segments.collect() }
    }

    /// Returns how a later version differs.
    pub(crate) fn difference(&self, later: &Surface) -> Difference {
        if self.segments.iter().map(|s| s.hash).eq(later.segments.iter().map(|s| s.hash)) {
            return Difference::None;
        }
        let mut counts: FxHashMap<u64, i32> = FxHashMap::default();
        self.segments.iter().for_each(|segment| *counts.entry(segment.hash).or_default() += 1);
        later.segments.iter().for_each(|segment| *counts.entry(segment.hash).or_default() -= 1);
        let differs = |segment: &&Segment| counts[&segment.hash] != 0;
        let mut names = FxHashSet::default();
        for segment in self.segments.iter().chain(&later.segments).filter(differs) {
            if segment.reach == Reach::Any {
                return Difference::Any;
            }
            names.extend(segment.names.iter().copied());
        }
        for surface in [self, later] {
            let is_open = |segment: &Segment| segment.reach == Reach::Later && differs(&segment);
            if let Some(first) = surface.segments.iter().position(is_open) {
                let behind = &surface.segments[first..];
                if behind.iter().any(|segment| segment.reach == Reach::Any) {
                    return Difference::Any;
                }
                names.extend(behind.iter().flat_map(|segment| segment.names.iter().copied()));
            }
        }
        // What is in both must stand in the same order: a name may hide another.
        let common = |surface: &Surface| -> Vec<u64> {
            surface.segments.iter().map(|s| s.hash).filter(|hash| counts[hash] == 0).collect()
        };
        if common(self) == common(later) { Difference::Names(names) } else { Difference::Any }
    }
}

fn own_text(text: &[u8], range: std::ops::Range<u32>) -> &[u8] {
    text.get(range.start as usize..range.end as usize).unwrap_or_default()
}

fn segment(facts: &FileFacts, prefix: Name, item: &Item, text: [&[u8]; 2]) -> Option<Segment> {
    let mut hasher = FxHasher::default();
    prefix.as_str().hash(&mut hasher);
    std::mem::discriminant(&item.kind).hash(&mut hasher);
    let mut bound: Vec<Name> = Vec::new();
    let mut reach = Reach::Own;
    let mut is_text = true;
    match &item.kind {
        ItemKind::Value { names, shape, ident, .. } => {
            if names.range().is_empty() {
                return None;
            }
            bound.extend(facts.names(*names));
            bound.iter().for_each(|name| name.as_str().hash(&mut hasher));
            shape.hash(&mut hasher);
            if let Some(ident) = ident.filter(|_| *shape == Shape::Ident) {
                facts
                    .names(facts.reference(ident).path)
                    .iter()
                    .for_each(|name| name.as_str().hash(&mut hasher));
            }
            // A packed module may be unpacked elsewhere by the signature that stands here.
            is_text = text[0].windows(6).any(|word| word == b"module");
            reach = any_if(is_text);
        }
        ItemKind::Eval => return None,
        ItemKind::ValueSpec { names, .. } => {
            bound.extend(facts.names(*names));
            // What is unpacked from it shows its signature to others.
            reach = any_if(text[0].windows(6).any(|word| word == b"module"));
        }
        ItemKind::External { names, .. } => bound.extend(facts.names(*names)),
        ItemKind::Exception { names, rebind } => {
            bound.extend(facts.names(*names));
            reach = any_if(rebind.is_some());
        }
        ItemKind::Type { names, constructors, fields, manifest, .. } => {
            for names in [names, constructors, fields] {
                bound.extend(facts.names(*names));
            }
            reach = any_if(manifest.is_some() || rewriters::has_derivers(facts, item));
        }
        ItemKind::TypeExtension { constructors, rebinds, .. } => {
            bound.extend(facts.names(*constructors));
            reach = any_if(rebinds.iter().any(Option::is_some));
        }
        ItemKind::Module { names, .. }
        | ItemKind::ModuleSpec { names, .. }
        | ItemKind::ModuleTypeDef { names, .. }
        | ItemKind::Class { names, .. }
        | ItemKind::ClassType { names } => bound.extend(facts.names(*names)),
        ItemKind::Open { .. } => reach = Reach::Later,
        _ => reach = Reach::Any,
    }
    if is_text {
        for part in text {
            part.iter().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| byte.hash(&mut hasher));
            0xffu8.hash(&mut hasher);
        }
    }
    Some(Segment { hash: hasher.finish(), names: bound, reach })
}

fn any_if(is_wide: bool) -> Reach {
    if is_wide { Reach::Any } else { Reach::Own }
}
