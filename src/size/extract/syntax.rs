//! What the text of each definition says by itself.
//!
//! Counts of an item without those of the items inside it go to its definition; an item that is no definition belongs to the
//! one around it.

use crate::base::Idx;
use crate::graph::Def;
use crate::parse::{Counts, FileFacts, ItemKind, RefKind, RewriteKind, Role};
use crate::size::features::{Feature, Features};
use std::ops::Range;

/// Derivers of what reads values and of what writes them.
const BOTH: [&str; 3] = ["sexp", "yojson", "bin_io"];
/// Derivers of what reads values alone.
const READERS: [&str; 3] = ["of_sexp", "of_yojson", "bin_read"];

/// What the text of a definition says by itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Syntax {
    pub(super) counts: Counts,
    n_pattern_constructors: u32,
    n_pattern_fields: u32,
    n_functors: u32,
    n_includes: u32,
    n_packs: u32,
    n_rewrites: u32,
    n_rewritten_bytes: u32,
    /// Derivers that make code which writes values, or compares or hashes them.
    pub(super) n_derivers: u32,
    /// Derivers that make code which reads values.
    pub(super) n_readers: u32,
    /// Constructors, fields and tags of a type.
    pub(super) n_type_parts: u32,
    /// Types that a type refers to.
    pub(super) n_type_refs: u32,
}

/// Returns what each definition says without those inside it; the last entry is what belongs to no definition. Where one item
/// makes several definitions (`let (a, b) = e`), the first has it all. `derives` says whether derivers make code.
pub(super) fn own_syntax(defs: &[Def], facts: &FileFacts, derives: bool) -> Vec<Syntax> {
    let outer = outer_items(facts);
    let mut def_of_item: Vec<Option<usize>> = vec![None; facts.items.len()];
    for (i, def) in defs.iter().enumerate().filter(|(_, def)| !def.ghost) {
        if let Some(slot) = def_of_item.get_mut(def.item.idx()) {
            slot.get_or_insert(i);
        }
    }
    let mut inner = vec![Counts::default(); facts.items.len()];
    let counts: Vec<Counts> = facts.items.iter().map(|item| facts.counts(item)).collect();
    for (&counts, outer) in counts.iter().zip(&outer) {
        if let Some(outer) = *outer {
            inner[outer] = inner[outer] + counts;
        }
    }
    // Whose each reference and rewrite is: the innermost item's, which comes last.
    let mut ref_owner: Vec<Option<usize>> = vec![None; facts.refs.len()];
    let mut rewrite_owner: Vec<Option<usize>> = vec![None; facts.rewrites.len()];
    let mut own = vec![Syntax::default(); defs.len() + 1];
    for (i, item) in facts.items.iter().enumerate() {
        if def_of_item[i].is_none() {
            // An item comes after the one around it, whose definition is therefore known.
            def_of_item[i] = outer[i].and_then(|outer| def_of_item[outer]);
        }
        let syntax = &mut own[def_of_item[i].unwrap_or(defs.len())];
        let is_signature = facts.structures.get(item.parent.idx()).is_some_and(|s| s.is_signature);
        // What a signature or a type says costs nothing, whatever it is made of; what is derived from a type does.
        let costs = match item.kind {
            ItemKind::ModuleTypeDef { .. } | ItemKind::ClassType { .. } => None,
            _ if is_signature => None,
            ItemKind::Type { constructors, fields, .. } => {
                let n_parts = constructors.range().len() + fields.range().len();
                syntax.n_type_parts =
                    syntax.n_type_parts.saturating_add(n_parts as u32).saturating_add(counts[i].tags);
                None
            }
            _ => {
                syntax.counts = syntax.counts + (counts[i].saturating_sub(inner[i]));
                Some(i)
            }
        };
        let is_type = matches!(item.kind, ItemKind::Type { .. }) && !is_signature;
        for owner in range_mut(&mut ref_owner, &item.refs) {
            *owner = costs.or_else(|| is_type.then_some(i));
        }
        for owner in range_mut(&mut rewrite_owner, &item.rewrites) {
            *owner = costs.or_else(|| is_type.then_some(i));
        }
    }
    for (reference, owner) in facts.refs.iter().zip(ref_owner) {
        let Some(item) = owner else { continue };
        let syntax = &mut own[def_of_item[item].unwrap_or(defs.len())];
        match (reference.kind, reference.role) {
            (RefKind::Constructor, Role::Pattern | Role::Exception) => syntax.n_pattern_constructors += 1,
            (RefKind::Field, Role::Pattern) => syntax.n_pattern_fields += 1,
            (RefKind::Type, _) if matches!(facts.items[item].kind, ItemKind::Type { .. }) => {
                syntax.n_type_refs += 1;
            }
            (_, Role::Functor) => syntax.n_functors += 1,
            (_, Role::Include) => syntax.n_includes += 1,
            (_, Role::Pack) => syntax.n_packs += 1,
            _ => {}
        }
    }
    for (rewrite, owner) in facts.rewrites.iter().zip(rewrite_owner) {
        let Some(item) = owner else { continue };
        let syntax = &mut own[def_of_item[item].unwrap_or(defs.len())];
        match rewrite.kind {
            RewriteKind::Deriver if !derives => {}
            RewriteKind::Deriver => {
                let name = rewrite.name.as_str();
                syntax.n_readers += u32::from(BOTH.contains(&name) || READERS.contains(&name));
                syntax.n_derivers += u32::from(!READERS.contains(&name));
            }
            RewriteKind::Implicit => {}
            RewriteKind::Keyword => syntax.n_rewrites += 1,
            RewriteKind::Extension => {
                syntax.n_rewrites += 1;
                syntax.n_rewritten_bytes = syntax.n_rewritten_bytes.saturating_add(rewrite.span.len());
            }
        }
    }
    own
}

fn range_mut<'v, T>(values: &'v mut [T], range: &Range<u32>) -> &'v mut [T] {
    values.get_mut(range.start as usize..range.end as usize).unwrap_or_default()
}

/// Returns for each item the one that it is inside of.
fn outer_items(facts: &FileFacts) -> Vec<Option<usize>> {
    let items = &facts.items;
    let mut outer = vec![None; items.len()];
    // Items come in source order, an item before those inside it: the open ones form a stack.
    let mut open: Vec<usize> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        while open.last().is_some_and(|&outer| items[outer].span.end < item.span.end) {
            open.pop();
        }
        // Items of one text (`let .. and ..`) do not hold each other.
        let holds =
            |&&outer: &&usize| items[outer].span.start <= item.span.start && items[outer].span != item.span;
        outer[i] = open.iter().rev().find(holds).copied();
        open.push(i);
    }
    outer
}

/// Turns syntax into features. `n_primitives` of the applications and operators are no calls.
pub(super) fn add_syntax(own: &mut Features, syntax: &Syntax, n_primitives: u32) {
    let counts = &syntax.counts;
    let n_applied = counts.applications.saturating_add(counts.operators);
    let n_special = counts.raises.saturating_add(counts.asserts).saturating_add(counts.lazies);
    let list = [
        (Feature::Calls, n_applied.saturating_sub(n_primitives)),
        (Feature::Arguments, counts.arguments),
        (Feature::Parameters, counts.parameters),
        (Feature::Defaults, counts.defaults),
        (Feature::Cases, counts.cases),
        (Feature::PatternConstructors, syntax.n_pattern_constructors),
        (Feature::PatternConstants, counts.pattern_constants),
        (Feature::PatternFields, syntax.n_pattern_fields),
        (Feature::PatternStrings, counts.pattern_strings),
        (Feature::PatternStringBytes, counts.pattern_string_bytes),
        (Feature::Blocks, counts.blocks.saturating_sub(counts.constant_blocks)),
        (Feature::BlockFields, counts.block_fields.saturating_sub(counts.constant_fields)),
        (Feature::Branches, counts.branches),
        (Feature::Lets, counts.lets),
        (Feature::Accesses, counts.accesses),
        (Feature::Writes, counts.writes),
        (Feature::Tries, counts.handlers.saturating_sub(n_special)),
        (Feature::Raises, counts.raises),
        (Feature::Asserts, counts.asserts),
        (Feature::Lazies, counts.lazies),
        (Feature::CodeBytes, counts.code_bytes),
        (Feature::ConstantBlocks, counts.constant_blocks),
        (Feature::ConstantFields, counts.constant_fields),
        (Feature::Strings, counts.strings),
        (Feature::StringBytes, counts.string_bytes),
        (Feature::FormatParts, counts.format_parts),
        (Feature::Literals, counts.literals),
        (Feature::BoxedConstants, counts.boxed_constants),
        (Feature::Curried, counts.curried),
        (Feature::Objects, counts.objects),
        (Feature::Methods, counts.methods),
        (Feature::Inherits, counts.inherits),
        (Feature::Fields, counts.fields),
        (Feature::Applied, syntax.n_functors),
        (Feature::Includes, syntax.n_includes),
        (Feature::Packs, syntax.n_packs),
        (Feature::Rewrites, syntax.n_rewrites),
        (Feature::RewrittenBytes, syntax.n_rewritten_bytes),
    ];
    list.into_iter().for_each(|(feature, n)| own.add(feature, n));
}
