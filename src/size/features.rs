//! What the size model sees of a piece of source: syntax counts as a vector.
//!
//! Features are additive: those of a unit are the sum over its items, and those of an item without the items inside it
//! are its own minus theirs. References are counted by what name resolution found them to be: a call of a `%primitive` is
//! an instruction, one of a function a call with a frame.

use crate::base::Idx;
use crate::graph::{Edge, EdgeKind};
use crate::parse::{FileFacts, Item, ItemId, ItemKind, Role};

/// Number of features.
pub(super) const N_FEATURES: usize = 29;

/// Names of the features, in order: the keys of the model file.
pub(super) const FEATURE_NAMES: [&str; N_FEATURES] = [
    "applications",
    "arguments",
    "functions",
    "parameters",
    "cases",
    "blocks",
    "block_fields",
    "strings",
    "string_bytes",
    "literals",
    "fields",
    "branches",
    "operators",
    "lets",
    "accesses",
    "objects",
    "handlers",
    "code_bytes",
    "rewrites",
    "includes",
    "functors",
    "derived_parts",
    "ref_values",
    "ref_primitives",
    "ref_externals",
    "ref_modules",
    "ref_exceptions",
    "ref_implicit",
    "ref_own",
];

/// One piece of source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Features(pub(super) [u32; N_FEATURES]);

impl Features {
    pub(super) fn plus(self, other: Features) -> Features {
        let mut sum = self;
        sum.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = a.saturating_add(b));
        sum
    }

    /// Subtracts, stopping at zero.
    pub(super) fn minus(self, other: Features) -> Features {
        let mut difference = self;
        difference.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = a.saturating_sub(b));
        difference
    }
}

/// Counts of one file, ready to be asked item by item.
pub(super) struct FileFeatures<'a> {
    facts: &'a FileFacts,
    /// How many of the references before each position apply a functor, and how many include.
    functors: Vec<u32>,
    includes: Vec<u32>,
}

impl<'a> FileFeatures<'a> {
    pub(super) fn new(facts: &'a FileFacts) -> Self {
        let running = |role: Role| {
            let mut sum = 0;
            let mut sums = vec![0];
            for reference in &facts.refs {
                sum += u32::from(reference.role == role);
                sums.push(sum);
            }
            sums
        };
        FileFeatures { facts, functors: running(Role::Functor), includes: running(Role::Include) }
    }

    /// Returns the features of an item, nested items included.
    fn whole(&self, item: &Item) -> Features {
        let counts = &item.counts;
        let refs = |sums: &[u32]| {
            let at = |position: u32| sums.get(position as usize).copied().unwrap_or(0);
            at(item.refs.end).saturating_sub(at(item.refs.start))
        };
        Features([
            counts.applications,
            counts.arguments,
            counts.functions,
            counts.parameters,
            counts.cases,
            counts.blocks,
            counts.block_fields,
            counts.strings,
            counts.string_bytes,
            counts.literals,
            counts.fields,
            counts.branches,
            counts.operators,
            counts.lets,
            counts.accesses,
            counts.objects,
            counts.handlers,
            counts.code_bytes,
            item.rewrites.end.saturating_sub(item.rewrites.start),
            refs(&self.includes),
            refs(&self.functors),
            derived_parts(item),
            // References, which only name resolution tells apart.
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ])
    }

    /// Returns for each item its features without those of items inside it, and the item that it is inside of.
    pub(super) fn items(&self) -> Vec<(Features, Option<ItemId>)> {
        let items = &self.facts.items;
        let mut own: Vec<(Features, Option<ItemId>)> =
            items.iter().map(|item| (self.whole(item), None)).collect();
        // Items come in source order, an item before those inside it: the open ones form a stack.
        let mut open: Vec<usize> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            while open.last().is_some_and(|&outer| items[outer].span.end < item.span.end) {
                open.pop();
            }
            // Items of one text (`let .. and ..`) do not hold each other.
            let outer =
                open.iter().rev().copied().find(|&outer| {
                    items[outer].span.start <= item.span.start && items[outer].span != item.span
                });
            if let Some(outer) = outer {
                own[i].1 = Some(ItemId::new(outer));
                own[outer].0 = own[outer].0.minus(self.whole(item));
            }
            open.push(i);
        }
        // What a signature or a type says costs nothing, whatever it is made of; what is derived from a type does.
        for (item, (features, _)) in items.iter().zip(&mut own) {
            let is_signature = self.facts.structures.get(item.parent.idx()).is_some_and(|s| s.is_signature);
            if is_signature
                || matches!(item.kind, ItemKind::ModuleTypeDef { .. } | ItemKind::ClassType { .. })
            {
                *features = Features::default();
            } else if matches!(item.kind, ItemKind::Type { .. }) {
                let is_derived = |name: &str| matches!(name, "rewrites" | "derived_parts");
                for (feature, name) in features.0.iter_mut().zip(FEATURE_NAMES) {
                    *feature *= u32::from(is_derived(name));
                }
            }
        }
        own
    }
}

/// Returns how many constructors and fields rewriters derive code for, each counted once per rewriter.
fn derived_parts(item: &Item) -> u32 {
    let n_rewrites = item.rewrites.end.saturating_sub(item.rewrites.start);
    match &item.kind {
        ItemKind::Type { constructors, fields, .. } => {
            let n_parts = constructors.range().len() + fields.range().len();
            n_rewrites.saturating_mul(u32::try_from(n_parts).unwrap_or(u32::MAX))
        }
        _ => 0,
    }
}

impl Features {
    /// Counts a reference that name resolution found.
    pub(super) fn add_edge(&mut self, edge: &Edge, is_own: bool) {
        let feature = match edge.kind {
            EdgeKind::Type | EdgeKind::ModuleType | EdgeKind::Name => return,
            _ if edge.flags.implicit => "ref_implicit",
            EdgeKind::Value if is_own => "ref_own",
            EdgeKind::Value | EdgeKind::Class => "ref_values",
            EdgeKind::Primitive => "ref_primitives",
            EdgeKind::CExternal => "ref_externals",
            EdgeKind::Module => "ref_modules",
            EdgeKind::Exception | EdgeKind::Extension => "ref_exceptions",
        };
        if let Some(position) = FEATURE_NAMES.iter().position(|&name| name == feature) {
            self.0[position] = self.0[position].saturating_add(1);
        }
    }
}
