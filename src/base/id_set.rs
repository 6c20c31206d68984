//! Sets of ids: one bit each.

use super::Idx;
use fixedbitset::FixedBitSet;
use std::marker::PhantomData;

/// A set of ids of one kind, which grows as needed and iterates in order of id.
#[derive(Clone, Debug)]
pub struct IdSet<I> {
    bits: FixedBitSet,
    ids: PhantomData<I>,
}

impl<I> Default for IdSet<I> {
    fn default() -> Self {
        IdSet { bits: FixedBitSet::new(), ids: PhantomData }
    }
}

impl<I: Idx> IdSet<I> {
    /// Makes an empty set with room for `n` ids.
    #[must_use]
    pub fn with_room(n: usize) -> Self {
        IdSet { bits: FixedBitSet::with_capacity(n), ids: PhantomData }
    }
    /// Adds an id; returns whether it is new.
    pub fn insert(&mut self, id: I) -> bool {
        self.bits.grow(id.idx() + 1);
        !self.bits.put(id.idx())
    }
    /// Removes an id; returns whether it was there.
    pub fn remove(&mut self, id: I) -> bool {
        let was_there = self.contains(id);
        if was_there {
            self.bits.set(id.idx(), false);
        }
        was_there
    }
    /// Whether an id is in the set.
    #[must_use]
    pub fn contains(&self, id: I) -> bool {
        self.bits.contains(id.idx())
    }
    /// Returns the number of ids in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.count_ones(..)
    }
    /// Whether no id is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.is_clear()
    }
    /// Returns the ids in order.
    pub fn iter(&self) -> impl Iterator<Item = I> + '_ {
        self.bits.ones().map(I::new)
    }
}

impl<I: Idx> PartialEq for IdSet<I> {
    /// Compares the members; room does not count.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<I: Idx> FromIterator<I> for IdSet<I> {
    fn from_iter<T: IntoIterator<Item = I>>(ids: T) -> Self {
        let mut set = IdSet::default();
        set.extend(ids);
        set
    }
}

impl<I: Idx> Extend<I> for IdSet<I> {
    fn extend<T: IntoIterator<Item = I>>(&mut self, ids: T) {
        for id in ids {
            self.insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::UnitId;

    #[test]
    fn a_set_is_its_members_in_order() {
        let mut set: IdSet<UnitId> = [UnitId(70), UnitId(3), UnitId(70)].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [UnitId(3), UnitId(70)]);
        assert!(!set.insert(UnitId(3)) && set.contains(UnitId(70)) && !set.contains(UnitId(9000)));
        assert!(set.remove(UnitId(70)) && !set.remove(UnitId(70)) && !set.remove(UnitId(9000)));
        let mut roomy = IdSet::with_room(500);
        roomy.insert(UnitId(3));
        assert_eq!(set, roomy);
        assert_eq!((set.len(), set.is_empty()), (1, false));
    }
}
