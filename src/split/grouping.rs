//! Groups of pieces in order, and whether every name still means what it meant.
//!
//! A group becomes a unit: its pieces in the old order, each `open` of the file that stands before one of them, and in front
//! of them, behind the opens that come first, the names of the groups that it sees. That changes what stands before a piece:
//! definitions that were between may be gone, others that stood behind it are in front of it now. For every name that a
//! piece mentions it is checked that the new order gives it the same meaning; what cannot be shown is a risk.

use super::effects::Effects;
use super::lexicon::{Lexical, Space};
use super::model::Risk;
use super::outline::{Outline, PieceId, PieceKind};
use super::risks::place;
use crate::base::Name;
use crate::parse::Reference;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Some pieces that become one unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// In source order.
    pub(crate) pieces: Vec<PieceId>,
    /// Groups whose names it has in front, in that order.
    pub(crate) sees: Vec<usize>,
}

/// Fills in what each group sees: the groups before it that one of its pieces needs.
pub(crate) fn link_groups(outline: &Outline<'_>, groups: &mut [Group]) {
    let group_of = membership(groups);
    for (i, group) in groups.iter_mut().enumerate() {
        let needs = group.pieces.iter().flat_map(|piece| &outline.needs[piece.0 as usize]);
        let sees: BTreeSet<usize> =
            needs.filter_map(|need| group_of.get(&need.piece).copied()).filter(|&seen| seen != i).collect();
        group.sees = sees.into_iter().collect();
    }
}

/// Whether every group sees only groups before it: the new units can be compiled in this order.
pub(crate) fn is_ordered(groups: &[Group]) -> bool {
    groups.iter().enumerate().all(|(i, group)| group.sees.iter().all(|&seen| seen < i))
}

fn membership(groups: &[Group]) -> FxHashMap<PieceId, usize> {
    let pairs =
        groups.iter().enumerate().flat_map(|(i, group)| group.pieces.iter().map(move |&piece| (piece, i)));
    pairs.collect()
}

/// Returns the names that may mean something else in the new order, and the values whose types may become unknown.
pub(crate) fn risks(outline: &Outline<'_>, groups: &[Group], effects: &Effects<'_>) -> Vec<Risk> {
    let check = Check {
        outline,
        groups,
        group_of: membership(groups),
        last: last_bindings(outline, groups),
        brought: RefCell::default(),
    };
    let mut risks = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        for &piece in &group.pieces {
            check.piece(i, piece, &mut risks);
        }
    }
    check.open_types(effects, &mut risks);
    check.order(&mut risks);
    super::risks::capped(risks)
}

/// For each group, the last piece that binds each name.
fn last_bindings(outline: &Outline<'_>, groups: &[Group]) -> Vec<FxHashMap<(Space, Name), PieceId>> {
    let of_group = |group: &Group| {
        let names = group
            .pieces
            .iter()
            .flat_map(|&piece| outline.names(piece).into_iter().map(move |binding| (binding, piece)));
        names.collect()
    };
    groups.iter().map(of_group).collect()
}

/// The names that an open or include brings.
type Brought = FxHashSet<(Space, Name)>;

struct Check<'c, 'a> {
    outline: &'c Outline<'a>,
    groups: &'c [Group],
    group_of: FxHashMap<PieceId, usize>,
    last: Vec<FxHashMap<(Space, Name), PieceId>>,
    /// What opens and includes bring, as far as asked for.
    brought: RefCell<FxHashMap<PieceId, Option<Brought>>>,
}

impl Check<'_, '_> {
    fn piece(&self, group: usize, piece: PieceId, risks: &mut Vec<Risk>) {
        let facts = self.outline.facts();
        for &item in &self.outline.piece(piece).items {
            let range = facts.item(item).refs.clone();
            for reference in &facts.refs[range.start as usize..range.end as usize] {
                if !self.is_kept(group, piece, reference) {
                    let path: Vec<&str> =
                        facts.names(reference.path).iter().map(|name| name.as_str()).collect();
                    let at = place(self.outline.tree, self.outline.file, reference.span.start);
                    risks.push(Risk {
                        code: "capture",
                        message: format!(
                            "{} may mean something else where this code would stand",
                            path.join(".")
                        ),
                        place: Some(at),
                    });
                }
            }
        }
    }

    /// Whether a name means the same in the new order.
    fn is_kept(&self, group: usize, piece: PieceId, reference: &Reference) -> bool {
        let outline = self.outline;
        let lexical = outline.lexicon.lookup(reference);
        let (Some((space, name)), false) = (outline.lexicon.head(reference), lexical == Lexical::Local)
        else {
            return true;
        };
        let truth = self.truth(piece, reference, lexical);
        if truth == Some(piece) {
            return true;
        }
        // Own pieces before this one, in the old order.
        let own =
            outline.lexicon.at_root(space, name).iter().rev().map(|&position| outline.piece_at(position));
        let own = own.into_iter().find(|&other| other < piece && self.group_of.get(&other) == Some(&group));
        if let Some(own) = own {
            // Between it and this piece, what is left of the old order is left in that order.
            return truth.is_none() || truth == Some(own);
        }
        let sees = &self.groups[group].sees;
        let seen = sees.iter().rev().find_map(|&seen| self.last[seen].get(&(space, name)).copied());
        match (seen, truth) {
            (None, None) => !self.is_behind_include(group, piece, (space, name)),
            (None, Some(needed)) => {
                // An include that is seen has it.
                outline.piece(needed).kind == PieceKind::Include
                    && self.group_of.get(&needed).is_some_and(|of| sees.contains(of))
            }
            (Some(seen), Some(needed)) => {
                seen == needed && !self.is_shadowed_by_open(group, piece, needed, (space, name))
            }
            (Some(_), None) => false,
        }
    }

    /// The piece that a name really means; none for what is outside the file.
    fn truth(&self, piece: PieceId, reference: &Reference, lexical: Lexical) -> Option<PieceId> {
        let outline = self.outline;
        let by_text = match lexical {
            Lexical::Root(position) => Some(outline.piece_at(position)),
            _ => None,
        };
        let unlisted = |id: PieceId| matches!(outline.piece(id).kind, PieceKind::Open | PieceKind::Include);
        let after = by_text.map_or(0, |by_text| by_text.0 + 1);
        let Some(head) = outline.lexicon.head(reference) else { return by_text };
        let is_sure = !(after..piece.0).map(PieceId).any(|id| unlisted(id) && self.may_bring(id, head));
        if is_sure {
            return by_text;
        }
        // An open or include in between may bind the name as well: the graph knows.
        let mut edges = outline.edges_at(reference.span.start).peekable();
        if edges.peek().is_none() {
            return by_text;
        }
        edges.filter(|edge| edge.target.unit == outline.unit).find_map(|edge| outline.piece_of(edge.def?))
    }

    /// Whether an include that stood behind this piece, and is in front of it now, may bind a name.
    fn is_behind_include(&self, group: usize, piece: PieceId, name: (Space, Name)) -> bool {
        self.groups[group].sees.iter().flat_map(|&seen| &self.groups[seen].pieces).any(|&other| {
            other > piece
                && self.outline.piece(other).kind == PieceKind::Include
                && self.may_bring(other, name)
        })
    }

    /// Whether an open or include may bind a name.
    fn may_bring(&self, piece: PieceId, name: (Space, Name)) -> bool {
        let mut brought = self.brought.borrow_mut();
        let names = brought.entry(piece).or_insert_with(|| self.outline.brought(piece));
        names.as_ref().is_none_or(|names| names.contains(&name))
    }

    /// Whether an `open` that stays among the pieces of the group may bind a name that comes from a seen group.
    fn is_shadowed_by_open(
        &self,
        group: usize,
        piece: PieceId,
        needed: PieceId,
        name: (Space, Name),
    ) -> bool {
        let Some(&first) = self.groups[group].pieces.first() else { return false };
        // Opens before the first piece come before the names of other groups. Of those behind it, one that stood behind the
        // needed piece does not bind the name: else it would not have been the needed piece that was meant.
        let between = (first.0..piece.0).map(PieceId);
        between
            .filter(|&open| self.outline.piece(open).kind == PieceKind::Open)
            .any(|open| open < needed && self.may_bring(open, name))
    }

    /// Code that reads a value when it runs, and whose turn came before code of another group that writes to it.
    fn order(&self, risks: &mut Vec<Risk>) {
        let outline = self.outline;
        for &(state, reader) in &outline.readers {
            let group = self.group_of.get(&reader);
            let is_overtaken = outline.writers.iter().any(|&(written, writer)| {
                written == state && writer > reader && self.group_of.get(&writer) != group
            });
            if is_overtaken {
                risks.push(Risk {
                    code: "effect-order",
                    message: "it reads at start-up what other code would now have written to before"
                        .to_owned(),
                    place: Some(place(outline.tree, outline.file, outline.piece(reader).span.start)),
                });
            }
        }
    }

    /// Values whose type is decided by pieces that would be elsewhere.
    fn open_types(&self, effects: &Effects<'_>, risks: &mut Vec<Risk>) {
        let outline = self.outline;
        let candidates = self.groups.iter().flat_map(|group| group.pieces.iter().copied());
        for piece in candidates
            .filter(|&piece| outline.piece(piece).defs.iter().any(|&def| effects.has_open_type(def)))
        {
            let group = self.group_of.get(&piece);
            // Whether the users that come along decide the type is for type inference to say: any user elsewhere may be the one.
            let is_used_elsewhere = outline.ids().any(|user| {
                self.group_of.get(&user) != group
                    && outline.needs[user.0 as usize].iter().any(|need| need.piece == piece && need.links)
            });
            if is_used_elsewhere {
                risks.push(Risk {
                    code: "weak-type",
                    message:
                        "its type may be decided by code that would be in another unit: write the type down"
                            .to_owned(),
                    place: Some(place(outline.tree, outline.file, outline.piece(piece).span.start)),
                });
            }
        }
    }
}
