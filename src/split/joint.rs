//! Joint choice: which changes to make together, and what is left after each.
//!
//! Splits interact: one may be worth nothing until another is made, and two may win the same bytes. So the changes are
//! chosen one by one, each time the one that saves most on the program as it is by then. What a change saves mostly shrinks
//! as others are made, so the last known saving is taken for a bound and only the best candidates are priced again
//! (*lazy greedy*); when none of those is left, all others are priced once more, for those that the changes made so far
//! have made worth something. At the end, changes that the others have made useless are taken back.
//!
//! Where there are several programs, what counts is their sum: a change that one of them loses by is taken when the others win more.
//!
//! It ends because each round takes one candidate, and a unit is changed once.

use super::draft::Draft;
use super::linking::Line;
use super::model::ProposalKind;
use super::plan::LinkChange;
use super::world::World;
use crate::base::{IdSet, UnitId};
use crate::link::LinkInput;
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;

/// Changes chosen for one program, at most.
const MAX_CHOSEN: usize = 40;

/// The changes chosen, by position in the list of drafts, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Choice {
    pub(crate) chosen: Vec<usize>,
}

/// Chooses among drafts whose savings alone are known; `lines` are the programs as they are.
pub(crate) fn choose(
    world: &World<'_>,
    drafts: &[(Arc<Draft>, i64)],
    inputs: &[&LinkInput],
    lines: &[Line<'_>],
    min_saving: u64,
) -> Choice {
    let mut search = Search {
        drafts,
        inputs,
        min_saving: min_saving as i64,
        left: alloc(world, lines),
        lines: Cow::Borrowed(lines),
        world: world.clone(),
        chosen: Vec::new(),
        ids: Vec::new(),
        changed: IdSet::default(),
        known: drafts.iter().map(|&(_, saved)| saved).collect(),
        tried: None,
    };
    while search.chosen.len() < MAX_CHOSEN && (search.take_best() || search.take_any()) {}
    let Search { chosen, left, world: made, ids, .. } = search;
    Choice {
        chosen: Made { start: world, drafts, lines, chosen, world: made, ids, left }.take_back(min_saving),
    }
}

/// Whether a change is made by a patch: cuts by hand are nobody's to choose, and going around a facade is second to unsealing it.
fn is_choosable(drafts: &[(Arc<Draft>, i64)], draft: &Draft) -> bool {
    let is_unsealed = |unit: Option<UnitId>| {
        drafts.iter().any(|(other, _)| other.kind == ProposalKind::UnsealFacade && other.unit == unit)
    };
    match draft.kind {
        ProposalKind::CutReferences | ProposalKind::CutEffect => false,
        ProposalKind::BypassFacade => !is_unsealed(draft.unit),
        _ => true,
    }
}

struct Search<'s, 'a> {
    drafts: &'s [(Arc<Draft>, i64)],
    inputs: &'s [&'s LinkInput],
    min_saving: i64,
    world: World<'a>,
    /// The programs in this world.
    lines: Cow<'s, [Line<'s>]>,
    /// Their bytes.
    left: u64,
    chosen: Vec<usize>,
    /// For each of them, the ids of its new units.
    ids: Vec<Vec<UnitId>>,
    /// Units that a chosen change has changed.
    changed: IdSet<UnitId>,
    /// The last known saving of each draft.
    known: Vec<i64>,
    /// The draft that was priced last, carried out, with the ids of its new units.
    tried: Option<(usize, World<'a>, Vec<UnitId>)>,
}

impl<'a> Search<'_, 'a> {
    fn is_open(&self, i: usize) -> bool {
        let draft = &self.drafts[i].0;
        !self.chosen.contains(&i)
            && draft.unit.is_none_or(|unit| !self.changed.contains(unit))
            && is_choosable(self.drafts, draft)
    }

    /// Takes the draft that saves most, going by what is known as long as that decides.
    fn take_best(&mut self) -> bool {
        let mut open: Vec<usize> =
            (0..self.drafts.len()).filter(|&i| self.is_open(i) && self.known[i] >= self.min_saving).collect();
        loop {
            open.sort_by_key(|&i| (std::cmp::Reverse(self.known[i]), i));
            let Some(&best) = open.first() else { return false };
            if self.known[best] < self.min_saving {
                return false;
            }
            let saved = self.price(best);
            let next = open.get(1).map_or(i64::MIN, |&i| self.known[i]);
            if saved >= next && saved >= self.min_saving {
                return self.take(best);
            }
            open.retain(|&i| self.known[i] >= self.min_saving);
        }
    }

    /// Prices all that is left anew, and takes the best of it.
    fn take_any(&mut self) -> bool {
        let open: Vec<usize> = (0..self.drafts.len()).filter(|&i| self.is_open(i)).collect();
        let priced: Vec<(i64, usize)> =
            open.into_par_iter().map(|i| (self.saved(&self.with(i).0), i)).collect();
        for &(saved, i) in &priced {
            self.known[i] = saved;
        }
        let best = priced.into_iter().max_by_key(|&(saved, i)| (saved, std::cmp::Reverse(i)));
        match best {
            Some((saved, i)) if saved >= self.min_saving => self.take(i),
            _ => false,
        }
    }

    fn price(&mut self, i: usize) -> i64 {
        // What a change saves alone is known.
        if !self.chosen.is_empty() {
            let (world, ids) = self.with(i);
            self.known[i] = self.saved(&world);
            self.tried = Some((i, world, ids));
        }
        self.known[i]
    }

    /// What has been chosen and one more.
    fn with(&self, i: usize) -> (World<'a>, Vec<UnitId>) {
        let mut world = self.world.clone();
        let ids = world.apply(&self.drafts[i].0.plan);
        (world, ids)
    }

    fn saved(&self, world: &World<'_>) -> i64 {
        self.left as i64 - alloc(world, &self.lines) as i64
    }

    /// Takes a draft of which it is known what it saves now.
    fn take(&mut self, i: usize) -> bool {
        let draft = &self.drafts[i].0;
        // What the units of that world record has been worked out.
        let (world, ids) = match self.tried.take() {
            Some((tried, world, ids)) if tried == i => (world, ids),
            _ => self.with(i),
        };
        self.world = world;
        self.ids.push(ids);
        if draft.plan.link != LinkChange::default() {
            let lines = self.inputs.iter().map(|&input| Line::new(&self.world, input));
            self.lines = Cow::Owned(lines.collect());
        }
        self.left = self.left.saturating_add_signed(-self.known[i]);
        self.changed.extend(draft.unit);
        self.chosen.push(i);
        true
    }
}

/// Bytes of all programs.
fn alloc(world: &World<'_>, lines: &[Line<'_>]) -> u64 {
    lines.iter().map(|line| line.alloc(world)).sum()
}

/// Changes that are made, one after the other.
struct Made<'m, 'a> {
    /// The programs without any.
    start: &'m World<'a>,
    lines: &'m [Line<'m>],
    drafts: &'m [(Arc<Draft>, i64)],
    chosen: Vec<usize>,
    /// All of them carried out, and for each the ids of its new units.
    world: World<'a>,
    ids: Vec<Vec<UnitId>>,
    /// Bytes of the programs then.
    left: u64,
}

impl Made<'_, '_> {
    /// Takes back changes without which the programs are no bigger. Returns the others.
    fn take_back(mut self, min_saving: u64) -> Vec<usize> {
        let mut i = 0;
        let mut is_all = true;
        while i < self.chosen.len() && self.chosen.len() > 1 {
            // The last one was taken for what it saves on top of all others.
            if is_all && min_saving > 0 && i + 1 == self.chosen.len() {
                break;
            }
            let without = self.without(i);
            if without.left <= self.left {
                self = without;
                is_all = false;
            } else {
                i += 1;
            }
        }
        self.chosen
    }

    /// All but one.
    fn without(&self, i: usize) -> Self {
        let (mut chosen, mut ids) = (self.chosen.clone(), self.ids.clone());
        let plan = |i: usize| &*self.drafts[i].0.plan;
        let (gone, gone_ids) = (chosen.remove(i), ids.remove(i));
        let mut world = self.world.clone();
        if !world.take_back(plan(gone), &gone_ids) {
            world = self.start.clone();
            ids = chosen.iter().map(|&i| world.apply(plan(i))).collect();
        }
        let left = alloc(&world, self.lines);
        Made { chosen, ids, world, left, ..*self }
    }
}
