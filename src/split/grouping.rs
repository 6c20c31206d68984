//! Groups of pieces in order, and whether every name still means what it meant.
//!
//! A group becomes a unit: its pieces in the old order, each `open` of the file that stands before one of them, and in front
//! of them, behind the opens that come first, the names of the groups that it sees. That changes what stands before a piece:
//! definitions that were between may be gone, others that stood behind it are in front of it now. For every name that a
//! piece mentions it is checked that the new order gives it the same meaning; what cannot be shown is a risk.

use super::effects::Effects;
use super::lexicon::{Space, bindings};
use super::model::Risk;
use super::outline::{Bound, Mention, Outline, PieceId, PieceKind};
use super::risks::place;
use crate::base::{DefId, Idx};
use crate::graph::Edge;
use crate::parse::ItemId;

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
    let group_of = GroupOf::new(outline, groups);
    for (i, group) in groups.iter_mut().enumerate() {
        let needs = group.pieces.iter().flat_map(|piece| &outline.needs[piece.idx()]);
        let mut sees: Vec<usize> = Vec::new();
        for seen in needs.filter_map(|need| group_of.get(need.piece)) {
            if seen != i && !sees.contains(&seen) {
                sees.push(seen);
            }
        }
        sees.sort_unstable();
        group.sees = sees;
    }
}

/// Whether every group sees only groups before it: the new units can be compiled in this order.
pub(crate) fn is_ordered(groups: &[Group]) -> bool {
    groups.iter().enumerate().all(|(i, group)| group.sees.iter().all(|&seen| seen < i))
}

/// For each piece, its group.
struct GroupOf(Vec<Option<u32>>);

impl GroupOf {
    fn new(outline: &Outline<'_>, groups: &[Group]) -> Self {
        let mut group_of = vec![None; outline.pieces.len()];
        for (i, group) in (0u32..).zip(groups) {
            group.pieces.iter().for_each(|piece| group_of[piece.idx()] = Some(i));
        }
        GroupOf(group_of)
    }

    fn get(&self, piece: PieceId) -> Option<usize> {
        self.0[piece.idx()].map(|group| group as usize)
    }
}

/// Returns the pieces of a group of which some name may mean something else in the new order.
pub(crate) fn captured(outline: &Outline<'_>, groups: &[Group], group: usize) -> Vec<PieceId> {
    let check = Check::new(outline, groups);
    let is_captured = |piece: &PieceId| {
        let mut mentions = check.bound.mentions(*piece).iter();
        mentions.any(|mention| !check.is_kept(group, *piece, mention))
    };
    groups[group].pieces.iter().copied().filter(is_captured).collect()
}

/// Returns the names that may mean something else in the new order, and the values whose types may become unknown.
pub(crate) fn risks(outline: &Outline<'_>, groups: &[Group], effects: &Effects<'_>) -> Vec<Risk> {
    let check = Check::new(outline, groups);
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

struct Check<'c, 'a> {
    outline: &'c Outline<'a>,
    bound: &'c Bound,
    groups: &'c [Group],
    group_of: GroupOf,
}

impl<'c, 'a> Check<'c, 'a> {
    fn new(outline: &'c Outline<'a>, groups: &'c [Group]) -> Self {
        Check { outline, bound: outline.bound(), groups, group_of: GroupOf::new(outline, groups) }
    }

    fn piece(&self, group: usize, piece: PieceId, risks: &mut Vec<Risk>) {
        let facts = self.outline.facts();
        for mention in self.bound.mentions(piece) {
            if !self.is_kept(group, piece, mention) {
                let reference = &facts.refs[mention.reference as usize];
                let path: Vec<&str> = facts.names(reference.path).iter().map(|name| name.as_str()).collect();
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

    /// Whether a name that a piece of a group mentions means the same in the new order.
    fn is_kept(&self, group: usize, piece: PieceId, mention: &Mention) -> bool {
        let outline = self.outline;
        let binders = mention.name.map_or(&[][..], |name| self.bound.binders(name));
        let last_in = |group: usize, binders: &[PieceId]| {
            binders.iter().rev().copied().find(|&other| self.group_of.get(other) == Some(group))
        };
        // Own pieces before this one, in the old order: between them and this piece, what is left of the old order is left
        // in that order.
        let before = &binders[..binders.partition_point(|&other| other < piece)];
        if let Some(own) = last_in(group, before) {
            return mention.means.is_none_or(|means| means == own);
        }
        let sees = &self.groups[group].sees;
        let seen = sees.iter().rev().find_map(|&seen| last_in(seen, binders));
        match (seen, mention.means) {
            (None, None) => !self.is_behind_include(group, piece),
            (None, Some(needed)) => {
                // An include of which the names are not known has it, here or in what is seen.
                outline.piece(needed).kind == PieceKind::Include
                    && self.group_of.get(needed).is_some_and(|of| of == group || sees.contains(&of))
            }
            (Some(seen), Some(needed)) => {
                seen == needed
                    && !self.is_of_several(needed, mention)
                    && !self.is_shadowed_by_open(group, piece, needed, mention)
                    && !self.is_behind_include(group, piece)
            }
            (Some(_), None) => false,
        }
    }

    /// Whether several types of a piece, defined together, have a constructor or field of the name. In their own file the first of
    /// them comes first where nothing else tells which is meant; whoever opens or includes the file gets the last one
    /// (`Typedecl.add_types_to_env`).
    fn is_of_several(&self, needed: PieceId, mention: &Mention) -> bool {
        let outline = self.outline;
        let reference = &outline.facts().refs[mention.reference as usize];
        let Some(head @ (Space::Constructor | Space::Field, _)) = outline.lexicon.head(reference) else {
            return false;
        };
        let binds = |item: &&ItemId| bindings(outline.facts(), **item).contains(&head);
        outline.piece(needed).items.iter().filter(binds).count() > 1
    }

    /// Whether an include of unknown names that stood behind this piece is in front of it now: it may bind any name.
    fn is_behind_include(&self, group: usize, piece: PieceId) -> bool {
        let sees = &self.groups[group].sees;
        let is_seen = |other: PieceId| self.group_of.get(other).is_some_and(|of| sees.contains(&of));
        self.bound.unlisted().iter().any(|&other| other > piece && is_seen(other))
    }

    /// Whether an `open` that stays among the pieces of the group may bind a name that comes from a seen group.
    fn is_shadowed_by_open(&self, group: usize, piece: PieceId, needed: PieceId, mention: &Mention) -> bool {
        let outline = self.outline;
        let Some(&first) = self.groups[group].pieces.first() else { return false };
        let reference = &outline.facts().refs[mention.reference as usize];
        let Some(name) = outline.lexicon.head(reference) else { return false };
        // Opens before the first piece come before the names of other groups. Of those behind it, one that stood behind the
        // needed piece does not bind the name: else it would not have been the needed piece that was meant.
        let between = outline.bringers().iter().copied().filter(|&open| first <= open && open < piece);
        between
            .filter(|&open| outline.piece(open).kind == PieceKind::Open)
            .any(|open| open < needed && outline.may_bring(open, name) != Some(false))
    }

    /// Code that reads a value when it runs, and whose turn came before code of another group that writes to it.
    fn order(&self, risks: &mut Vec<Risk>) {
        let outline = self.outline;
        let mut late = Vec::new();
        for &(state, reader) in &outline.readers {
            let group = self.group_of.get(reader);
            let is_overtaken = outline.writers.iter().any(|&(written, writer)| {
                written == state && writer > reader && self.group_of.get(writer) != group
            });
            if is_overtaken {
                late.push(reader);
            }
        }
        let is_parted =
            |&&(reader, writer): &&(PieceId, PieceId)| self.group_of.get(reader) != self.group_of.get(writer);
        late.extend(outline.overtaken.iter().filter(is_parted).map(|&(reader, _)| reader));
        late.sort_unstable();
        late.dedup();
        risks.extend(late.into_iter().map(|reader| Risk {
            code: "effect-order",
            message: "it reads at start-up what other code would now have written to before".to_owned(),
            place: Some(place(outline.tree, outline.file, outline.piece(reader).span.start)),
        }));
    }

    /// Values whose type is decided by pieces that would be elsewhere.
    fn open_types(&self, effects: &Effects<'_>, risks: &mut Vec<Risk>) {
        let outline = self.outline;
        let graph = outline.tree.graph;
        let pieces = self.groups.iter().flat_map(|group| group.pieces.iter().copied());
        let values = pieces.flat_map(|piece| outline.piece(piece).defs.iter().map(move |&def| (piece, def)));
        for (piece, value) in values.filter(|&(_, def)| effects.has_open_type(def)) {
            let group = self.group_of.get(piece);
            // Whoever takes the module around it may take it, too.
            let around: Vec<DefId> =
                std::iter::successors(Some(value), |&def| graph.def(def).parent).collect();
            let is_it =
                |edge: &Edge| edge.kind.links() && edge.def.get().is_some_and(|def| around.contains(&def));
            // Whether the users that come along decide the type is for type inference to say: any user elsewhere may be the one.
            let is_used_elsewhere = outline
                .ids()
                .filter(|&user| self.group_of.get(user) != group)
                .any(|user| outline.piece(user).defs.iter().flat_map(|&def| graph.edges_of(def)).any(is_it));
            if is_used_elsewhere {
                risks.push(Risk {
                    code: "weak-type",
                    message:
                        "its type may be decided by code that would be in another unit: write the type down"
                            .to_owned(),
                    place: Some(place(outline.tree, outline.file, graph.def(value).span.start)),
                });
            }
        }
    }
}
