//! Which pieces bind a name, and which mention one that may be bound by others.
//!
//! Groupings of pieces are tried one after another, and each has to keep the meaning of every name. What does not depend on
//! the grouping is worked out here once: names get numbers, and of all that a text mentions only that is left which some
//! other piece binds.

use super::{Outline, PieceId, PieceKind};
use crate::base::{Idx, Name};
use crate::split::lexicon::{RootName, Space};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// A name that some piece binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NameId(u32);

impl Idx for NameId {
    fn new(index: usize) -> Self {
        NameId(index as u32)
    }
    fn idx(self) -> usize {
        self.0 as usize
    }
}

/// A name in the text of a piece which others may bind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mentioned {
    /// Its position among the references of the file.
    pub(super) reference: u32,
    /// The piece that it means; none for something outside of the file.
    pub(super) means: Option<PieceId>,
    /// The name that it is looked up by, where an item of the file binds it.
    pub(super) name: Option<RootName>,
}

/// A name in the text of a piece which another order of pieces might change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mention {
    /// Its position among the references of the file.
    pub(crate) reference: u32,
    /// The piece that it means; none for something outside of the file.
    pub(crate) means: Option<PieceId>,
    /// The name that is looked up; none where no piece is known to bind it.
    pub(crate) name: Option<NameId>,
}

/// Who binds which name, and who mentions it.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    numbers: FxHashMap<(Space, Name), NameId>,
    /// The names of each piece, includes as far as their names are known.
    names: Rows<NameId>,
    /// The pieces that bind each name, in order.
    binders: Rows<PieceId>,
    /// The mentions of each piece, in order of the text.
    mentions: Rows<Mention>,
    /// Includes of which the names are not known.
    unlisted: Vec<PieceId>,
}

impl Bound {
    pub(super) fn new(outline: &Outline<'_>) -> Self {
        let mut bound = Bound::default();
        let mut pairs: Vec<(NameId, PieceId)> = Vec::new();
        let mut has_included = false;
        // Each text was looked up by a name of the file; those that an include brings alone are not among them.
        let mut numbers: Vec<Option<NameId>> = vec![None; outline.lexicon.n_bindings()];
        for piece in outline.ids() {
            let start = pairs.len();
            let included = outline.included(piece);
            has_included |= !included.is_empty();
            for name in outline.names(piece).into_iter().chain(included) {
                let next = NameId::new(bound.numbers.len());
                let number = *bound.numbers.entry(name).or_insert(next);
                pairs.push((number, piece));
                if number == next
                    && let Some(root) = outline.lexicon.at_root(name.0, name.1)
                {
                    numbers[root.idx()] = Some(number);
                }
            }
            bound.names.push_row(pairs[start..].iter().map(|&(name, _)| name));
        }
        bound.binders = Rows::grouped(&pairs, bound.numbers.len());
        let is_unlisted =
            |&piece: &PieceId| outline.piece(piece).kind == PieceKind::Include && outline.is_unlisted(piece);
        bound.unlisted = outline.bringers().iter().copied().filter(is_unlisted).collect();
        let facts = outline.facts();
        for piece in outline.ids() {
            let mentions = outline.mentioned.row(piece.idx()).iter().filter_map(|mentioned| {
                let &Mentioned { reference, means, name } = mentioned;
                let included = || {
                    let head =
                        outline.lexicon.head(&facts.refs[reference as usize]).filter(|_| has_included)?;
                    bound.numbers.get(&head).copied()
                };
                let name = name.and_then(|name| numbers[name.idx()]).or_else(included);
                // What nothing of the file binds means the same wherever it stands.
                let is_free = name.is_none() && means.is_none() && bound.unlisted.is_empty();
                (!is_free).then_some(Mention { reference, means, name })
            });
            bound.mentions.push_row(mentions);
        }
        bound
    }

    /// Returns the number of a name; none where no piece is known to bind it.
    pub(crate) fn number(&self, name: (Space, Name)) -> Option<NameId> {
        self.numbers.get(&name).copied()
    }
    /// Returns how many names are bound.
    pub(crate) fn n_names(&self) -> usize {
        self.numbers.len()
    }
    /// Returns the names that a piece binds, some perhaps twice.
    pub(crate) fn names(&self, piece: PieceId) -> &[NameId] {
        self.names.row(piece.idx())
    }
    /// Returns the pieces that bind a name, in order.
    pub(crate) fn binders(&self, name: NameId) -> &[PieceId] {
        self.binders.row(name.idx())
    }
    /// Returns what a piece mentions and others might change, in order of the text.
    pub(crate) fn mentions(&self, piece: PieceId) -> &[Mention] {
        self.mentions.row(piece.idx())
    }
    /// Returns the includes of which the names are not known.
    pub(crate) fn unlisted(&self) -> &[PieceId] {
        &self.unlisted
    }
}

/// Lists one behind the other.
#[derive(Debug)]
pub(super) struct Rows<T> {
    all: Vec<T>,
    ends: Vec<u32>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows { all: Vec::new(), ends: Vec::new() }
    }
}

impl<T: Copy> Rows<T> {
    /// Adds to the row that is not ended yet.
    pub(super) fn push(&mut self, value: T) {
        self.all.push(value);
    }

    pub(super) fn end_row(&mut self) {
        self.ends.push(self.all.len() as u32);
    }

    fn push_row(&mut self, row: impl Iterator<Item = T>) {
        self.all.extend(row);
        self.end_row();
    }

    /// Makes a row for each of `n` keys, in the order of the pairs.
    fn grouped<K: Idx>(pairs: &[(K, T)], n: usize) -> Self {
        let mut starts = vec![0u32; n + 1];
        pairs.iter().for_each(|(key, _)| starts[key.idx() + 1] += 1);
        (0..n).for_each(|i| starts[i + 1] += starts[i]);
        let ends = starts[1..].to_vec();
        let Some(&(_, any)) = pairs.first() else { return Rows { all: Vec::new(), ends } };
        let mut all = vec![any; pairs.len()];
        for &(key, value) in pairs {
            let at = &mut starts[key.idx()];
            all[*at as usize] = value;
            *at += 1;
        }
        Rows { all, ends }
    }

    fn row(&self, at: usize) -> &[T] {
        let range: Range<usize> =
            at.checked_sub(1).map_or(0, |before| self.ends[before]) as usize..self.ends[at] as usize;
        &self.all[range]
    }
}
