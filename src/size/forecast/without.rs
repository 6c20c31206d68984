//! The same program without some of its units: what leaves with them is taken off the counts.

use super::tally::{Counted, Function, Tally, add};
use crate::base::{Idx, UnitId};
use crate::size::Anatomy;
use crate::size::program::sections;
use crate::size::startup::{self, Arities};

impl<'a> Tally<'a> {
    /// What is in the executable besides some of the units; none where it takes more than to take away what leaves: other units,
    /// another order, other C code.
    pub(super) fn besides(&self, linked: &[UnitId]) -> Option<u64> {
        self.without(&self.gone(linked)?)
    }

    pub(super) fn without(&self, gone: &[&Counted]) -> Option<u64> {
        if gone.iter().any(|unit| unit.is_first) || self.changes_uses(gone) {
            return None;
        }
        let mut sum = self.sum;
        let mut shares = self.shares;
        let mut counted_merges = self.merged.1;
        for unit in gone {
            sum = sum - unit.anatomy;
            shares -= unit.share;
            counted_merges -= unit.counted_merges;
        }
        let common = startup::with_map(self.functions_without(gone), self.unlinked_without(gone), shares);
        let merged = (self.merged_without(gone), counted_merges);
        let alloc = sections(&self.c, sum, common, merged, 0, self.mode).lay_out().alloc;
        Some(alloc.saturating_sub(sum.bytes_in(self.mode).alloc()))
    }

    /// The units that some others leave out; none where those are not some of these in this order.
    fn gone(&self, linked: &[UnitId]) -> Option<Vec<&Counted>> {
        let mut gone = Vec::new();
        let mut next = 0;
        for &unit in linked {
            let at = *self.position.get(unit.idx())? as usize;
            gone.extend(self.units.get(next..at)?);
            next = at + 1;
        }
        gone.extend(&self.units[next..]);
        Some(gone)
    }

    /// Whether less is asked for of C code without some units.
    fn changes_uses(&self, gone: &[&Counted]) -> bool {
        let mut uses = self.symbols.gone();
        for unit in gone {
            for &(symbol, usage) in &unit.symbols {
                add(&mut uses[symbol as usize], usage);
            }
        }
        let is_last = |(all, gone): (&[u32; 6], &[u32; 6])| (0..6).any(|i| gone[i] > 0 && gone[i] == all[i]);
        self.symbols.counts.iter().zip(&uses).any(is_last)
    }

    fn functions_without(&self, gone: &[&Counted]) -> Anatomy {
        let mut counts = self.functions_for.counts.clone();
        let mut is_less = false;
        for &id in gone.iter().flat_map(|unit| &unit.functions_for) {
            counts[id as usize] -= 1;
            is_less |= counts[id as usize] == 0;
        }
        if !is_less {
            return self.functions;
        }
        let mut arities = Arities::default();
        for (&(function, arity), _) in self.functions_for.keys.iter().zip(counts).filter(|&(_, n)| n > 0) {
            let of = match function {
                Function::Apply => &mut arities.apply,
                Function::Curry => &mut arities.curry,
                Function::Send => &mut arities.send,
            };
            of.insert(arity);
        }
        arities.functions(self.has_fibers)
    }

    fn unlinked_without(&self, gone: &[&Counted]) -> u64 {
        let mut counts = self.interfaces.counts.clone();
        let mut touched: Vec<u32> = Vec::new();
        for unit in gone {
            counts[unit.name as usize].linked -= 1;
            touched.push(unit.name);
            for &(id, has_digest) in &unit.interfaces {
                let count = &mut counts[id as usize];
                count.imports -= 1;
                count.digests -= u32::from(has_digest);
                // Whose unit is linked has no entry whatever else.
                if count.linked == 0 {
                    touched.push(id);
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        let mut unlinked = self.unlinked;
        for id in touched {
            let (id, name) = (id as usize, self.interfaces.keys[id as usize]);
            unlinked = unlinked + counts[id].len(name) - self.interfaces.counts[id].len(name);
        }
        unlinked
    }

    fn merged_without(&self, gone: &[&Counted]) -> u64 {
        let mut counts = self.parts.counts.clone();
        let mut is_less = false;
        for &id in gone.iter().flat_map(|unit| &unit.parts) {
            counts[id as usize] -= 1;
            is_less |= counts[id as usize] == 0;
        }
        if !is_less {
            return self.merged.0;
        }
        let left = self.parts.keys.iter().zip(counts).filter(|&(_, n)| n > 0);
        self.c.merged.len_with(&left.map(|(&part, _)| part).collect())
    }
}
