//! Names for changes of one unit that differ from program to program.
//!
//! What a split moves depends on what the programs use of the unit, so two of them may be told of two changes. Under the plain id
//! stands the one that saves most in all programs together; the others carry the name of the first program that was told of
//! them behind an `@`.

use super::model::{Proposal, Proposals};
use super::propose::ProgramParts;
use std::collections::BTreeMap;

/// One change.
struct Variant {
    /// Who was told of it: programs, each with the position among its proposals.
    places: Vec<(usize, usize)>,
    /// What all programs save together, in bytes.
    saved: i64,
}

/// Gives changes that differ ids that differ.
pub(super) fn name_apart(programs: &[ProgramParts<'_>], found: &mut [Proposals]) {
    let mut of_id: BTreeMap<&str, Vec<Variant>> = BTreeMap::new();
    for (at, proposals) in found.iter().enumerate() {
        for (nth, proposal) in proposals.proposals.iter().enumerate() {
            let variants = of_id.entry(&proposal.id).or_default();
            let is_same = |variant: &&mut Variant| {
                let (at, nth) = variant.places[0];
                found[at].proposals[nth].plan == proposal.plan
            };
            match variants.iter_mut().find(is_same) {
                Some(variant) => variant.places.push((at, nth)),
                None => {
                    variants.push(Variant { places: vec![(at, nth)], saved: saved_in_all(proposal) });
                }
            }
        }
    }
    let mut renamed: Vec<((usize, usize), String)> = Vec::new();
    for (id, mut variants) in of_id {
        // The sort is stable: of those that save the same, the first program's comes first.
        variants.sort_by_key(|variant| std::cmp::Reverse(variant.saved));
        for variant in &variants[1..] {
            let program = &programs[variant.places[0].0].program.name;
            renamed.extend(variant.places.iter().map(|&place| (place, format!("{id}@{program}"))));
        }
    }
    for ((at, nth), id) in renamed {
        let Proposals { proposals, curve } = &mut found[at];
        let plain = std::mem::replace(&mut proposals[nth].id, id);
        let on_curve = curve.iter_mut().flat_map(|point| &mut point.proposals);
        on_curve.filter(|id| **id == plain).for_each(|id| id.clone_from(&proposals[nth].id));
    }
}

/// Returns the id under which all changes of a unit are known that differ only in what they move.
#[must_use]
pub fn plain_id(id: &str) -> &str {
    id.split_once('@').map_or(id, |(plain, _)| plain)
}

fn saved_in_all(proposal: &Proposal) -> i64 {
    proposal.saved.alloc + proposal.others.iter().map(|(_, saved)| saved.alloc).sum::<i64>()
}
