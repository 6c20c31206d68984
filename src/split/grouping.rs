//! Groups of pieces in order, and whether every name still means what it meant.
//!
//! A group becomes a unit: its pieces in the old order, each `open` of the file that stands before one of them, and in front
//! of them, behind the opens that come first, the names of the groups that it sees. That changes what stands before a piece:
//! definitions that were between may be gone, others that stood behind it are in front of it now. For every name that a
//! piece mentions it is checked that the new order gives it the same meaning; what cannot be shown is a risk.

use super::effects::Effects;
use super::lexicon::Space;
use super::model::Risk;
use super::outline::{Meaning, Outline, PieceId, PieceKind};
use super::risks::place;
use crate::base::Name;
use rustc_hash::FxHashMap;
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

/// Returns the pieces of a group of which some name may mean something else in the new order.
pub(crate) fn captured(outline: &Outline<'_>, groups: &[Group], group: usize) -> Vec<PieceId> {
    let check =
        Check { outline, groups, group_of: membership(groups), bindings: bindings_of(outline, groups) };
    let is_captured = |piece: &PieceId| {
        let mut risks = Vec::new();
        check.piece(group, *piece, &mut risks);
        !risks.is_empty()
    };
    groups[group].pieces.iter().copied().filter(is_captured).collect()
}

/// Returns the names that may mean something else in the new order, and the values whose types may become unknown.
pub(crate) fn risks(outline: &Outline<'_>, groups: &[Group], effects: &Effects<'_>) -> Vec<Risk> {
    let check =
        Check { outline, groups, group_of: membership(groups), bindings: bindings_of(outline, groups) };
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

/// The pieces that bind a name, in order.
type Bindings = FxHashMap<(Space, Name), Vec<PieceId>>;

/// For each group, the pieces that bind each name, includes as far as their names are known.
fn bindings_of(outline: &Outline<'_>, groups: &[Group]) -> Vec<Bindings> {
    let of_group = |group: &Group| {
        let mut found = Bindings::default();
        for &piece in &group.pieces {
            for name in outline.names(piece).into_iter().chain(outline.included(piece)) {
                found.entry(name).or_default().push(piece);
            }
        }
        found
    };
    groups.iter().map(of_group).collect()
}

struct Check<'c, 'a> {
    outline: &'c Outline<'a>,
    groups: &'c [Group],
    group_of: FxHashMap<PieceId, usize>,
    bindings: Vec<Bindings>,
}

impl Check<'_, '_> {
    fn piece(&self, group: usize, piece: PieceId, risks: &mut Vec<Risk>) {
        let facts = self.outline.facts();
        for &item in &self.outline.piece(piece).items {
            for index in facts.item(item).refs.clone() {
                if !self.is_kept(group, piece, index) {
                    let reference = &facts.refs[index as usize];
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
    fn is_kept(&self, group: usize, piece: PieceId, reference: u32) -> bool {
        let outline = self.outline;
        let truth = match outline.meaning(reference) {
            Meaning::Local => return true,
            Meaning::Piece(truth) if truth == piece => return true,
            Meaning::Piece(truth) => Some(truth),
            Meaning::Outside => None,
        };
        let reference = &outline.facts().refs[reference as usize];
        let Some((space, name)) = outline.lexicon.head(reference) else { return true };
        // Own pieces before this one, in the old order: between them and this piece, what is left of the old order is left
        // in that order.
        let own = self.bound_in(group, (space, name)).iter().rev().copied().find(|&other| other < piece);
        if let Some(own) = own {
            return truth.is_none_or(|truth| truth == own);
        }
        let sees = &self.groups[group].sees;
        let seen = sees.iter().rev().find_map(|&seen| self.bound_in(seen, (space, name)).last().copied());
        let may_be_behind = || self.is_behind_include(group, piece, (space, name));
        match (seen, truth) {
            (None, None) => !may_be_behind(),
            (None, Some(needed)) => {
                // An include of which the names are not known has it, here or in what is seen.
                outline.piece(needed).kind == PieceKind::Include
                    && self.group_of.get(&needed).is_some_and(|of| *of == group || sees.contains(of))
            }
            (Some(seen), Some(needed)) => {
                seen == needed
                    && !self.is_shadowed_by_open(group, piece, needed, (space, name))
                    && !may_be_behind()
            }
            (Some(_), None) => false,
        }
    }

    /// The pieces of a group that bind a name, in order.
    fn bound_in(&self, group: usize, name: (Space, Name)) -> &[PieceId] {
        self.bindings[group].get(&name).map_or(&[], Vec::as_slice)
    }

    /// Whether an include of unknown names that stood behind this piece, and is in front of it now, may bind a name.
    fn is_behind_include(&self, group: usize, piece: PieceId, name: (Space, Name)) -> bool {
        self.groups[group].sees.iter().flat_map(|&seen| &self.groups[seen].pieces).any(|&other| {
            other > piece
                && self.outline.piece(other).kind == PieceKind::Include
                && self.outline.may_bring(other, name).is_none()
        })
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
            .any(|open| open < needed && self.outline.may_bring(open, name) != Some(false))
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
