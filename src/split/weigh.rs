//! What drafts do to programs, and which of them become proposals.
//!
//! Each draft is priced by linking again: first, bytes of units alone, the programs that it was made for; then, where one of
//! them has it as a proposal, with C code, and all programs. A draft that several programs share is carried out once.

use super::draft::Draft;
use super::joint;
use super::linking::Rows;
use super::model::{CurvePoint, Proposal, ProposalKind, Proposals, Saving};
use super::plan::{LinkChange, Plan};
use super::price::Effect;
use super::propose::Finder;
use super::world::World;
use super::{cut_effect, own_modules, variants};
use crate::base::{Idx, ProgramId, UnitId};
use crate::project::LibraryOrigin;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A draft with what it does to the programs that have it.
struct Change<'d> {
    draft: &'d Draft,
    /// For each of these programs, the position among its drafts.
    nth: Vec<usize>,
    effects: Vec<(usize, Effect)>,
}

impl Finder<'_, '_> {
    /// Prices what could be done for each program, and keeps what is worth it.
    pub(super) fn proposals(&self, drafts: &[Vec<Arc<Draft>>]) -> Vec<Proposals> {
        let changes = self.changes(drafts);
        let mut saved: Vec<Vec<i64>> = drafts.iter().map(|drafts| vec![0; drafts.len()]).collect();
        for change in &changes {
            for (&nth, (at, effect)) in change.nth.iter().zip(&change.effects) {
                saved[*at][nth] = effect.saved.alloc;
            }
        }
        let choose = |at: usize| {
            let drafts: Vec<(Arc<Draft>, i64)> =
                drafts[at].iter().cloned().zip(saved[at].iter().copied()).collect();
            let line = std::slice::from_ref(&self.lines[at]);
            joint::choose(self.world, &drafts, &[self.programs[at].input], line, self.options.min_saving)
                .chosen
        };
        let chosen: Vec<Vec<usize>> = (0..drafts.len()).into_par_iter().map(choose).collect();
        // What is worth something only with others is shown with them.
        let is_worth_it = |at: usize, nth: usize| {
            saved[at][nth] >= self.options.min_saving as i64 || chosen[at].contains(&nth)
        };
        let priced = self.priced(changes, drafts.len(), is_worth_it);
        let finish = |(at, mut proposals): (usize, Vec<Proposal>)| {
            let ids: Vec<&str> = chosen[at].iter().map(|&nth| drafts[at][nth].id.as_str()).collect();
            self.drop_second_best(&mut proposals);
            rank(&mut proposals);
            let chosen: Vec<&Proposal> =
                ids.iter().filter_map(|id| proposals.iter().find(|proposal| proposal.id == *id)).collect();
            let curve = if proposals.is_empty() { Vec::new() } else { self.curve(at, &chosen) };
            Proposals { proposals, curve }
        };
        let mut found: Vec<Proposals> = priced.into_par_iter().enumerate().map(finish).collect();
        variants::name_apart(self.programs, &mut found);
        found
    }

    /// What can be proposed for some units, each change by itself, for each program.
    pub(super) fn proposals_for(&self, units: &[UnitId]) -> Vec<Vec<Proposal>> {
        let drafts: Vec<Vec<Arc<Draft>>> =
            (0..self.programs.len()).into_par_iter().map(|at| self.drafts_for(at, units)).collect();
        let changes = self.changes(&drafts);
        let min_saving = self.options.min_saving as i64;
        let mut saves: Vec<Vec<bool>> = drafts.iter().map(|drafts| vec![false; drafts.len()]).collect();
        for change in &changes {
            for (&nth, (at, effect)) in change.nth.iter().zip(&change.effects) {
                saves[*at][nth] = effect.saved.alloc >= min_saving;
            }
        }
        let mut priced = self.priced(changes, drafts.len(), |at, nth| saves[at][nth]);
        for proposals in &mut priced {
            self.drop_second_best(proposals);
            rank(proposals);
        }
        priced
    }

    fn drafts_for(&self, at: usize, units: &[UnitId]) -> Vec<Arc<Draft>> {
        let parts = &self.programs[at];
        let linked = units.iter().copied().filter(|&unit| parts.linked.contains(unit));
        let mut drafts: Vec<Arc<Draft>> =
            linked.clone().flat_map(|unit| self.unit_drafts(&[at], unit)).flatten().collect();
        let registrations =
            linked.clone().filter_map(|unit| cut_effect::draft(self.tree, unit, self.effects));
        drafts.extend(registrations.map(Arc::new));
        let own = &parts.input.own;
        if linked.clone().any(|unit| own.contains(&unit)) {
            let moved = own_modules::draft(self.tree, parts.program, own, self.effects);
            drafts.extend(moved.map(Arc::new));
        }
        drafts
    }

    /// What drafts do to the programs that have them. Those that programs share are one.
    fn changes<'d>(&self, drafts: &'d [Vec<Arc<Draft>>]) -> Vec<Change<'d>> {
        let mut places: Vec<(&'d Draft, Vec<(usize, usize)>)> = Vec::new();
        let mut known: FxHashMap<*const Draft, usize> = FxHashMap::default();
        for (at, drafts) in drafts.iter().enumerate() {
            for (nth, draft) in drafts.iter().enumerate() {
                let i = *known.entry(Arc::as_ptr(draft)).or_insert(places.len());
                if i == places.len() {
                    places.push((draft, Vec::new()));
                }
                places[i].1.push((at, nth));
            }
        }
        let change = |(draft, places): (&'d Draft, Vec<(usize, usize)>)| {
            let effects = self.effects_of(draft, places.iter().map(|&(at, _)| at));
            Change { draft, nth: places.into_iter().map(|(_, nth)| nth).collect(), effects }
        };
        places.into_par_iter().map(change).collect()
    }

    /// What a draft does to some programs, C code left aside.
    pub(super) fn effects_of(
        &self,
        draft: &Draft,
        programs: impl Iterator<Item = usize>,
    ) -> Vec<(usize, Effect)> {
        let mut changed = self.world.clone();
        changed.apply(&draft.plan);
        let rows = Rows::kept();
        programs.map(|at| (at, self.effect(at, &changed, Some(&draft.plan), &rows))).collect()
    }

    /// What some plans do to a program; `plan` is given where it is one.
    fn effect(&self, at: usize, changed: &World<'_>, plan: Option<&Plan>, rows: &Rows) -> Effect {
        Effect::between(self.world, &self.states[at], changed, plan, rows, &self.lines[at])
    }

    /// The changes as proposals to each program, those that are worth it there, in the order of its drafts.
    fn priced(
        &self,
        changes: Vec<Change<'_>>,
        n_programs: usize,
        is_worth_it: impl Fn(usize, usize) -> bool + Sync,
    ) -> Vec<Vec<Proposal>> {
        let price = |change: Change<'_>| -> Vec<((usize, usize), Proposal)> {
            let nth: FxHashMap<usize, usize> =
                change.effects.iter().zip(&change.nth).map(|((at, _), &nth)| (*at, nth)).collect();
            let is_worth_it = |at: usize| nth.get(&at).is_some_and(|&nth| is_worth_it(at, nth));
            let proposals = self.proposals_of(change.draft, &change.effects, is_worth_it);
            proposals.into_iter().map(|(at, proposal)| ((at, nth[&at]), proposal)).collect()
        };
        let mut all: Vec<((usize, usize), Proposal)> = changes.into_par_iter().flat_map_iter(price).collect();
        all.sort_by_key(|&(place, _)| place);
        let mut priced: Vec<Vec<Proposal>> = (0..n_programs).map(|_| Vec::new()).collect();
        all.into_iter().for_each(|((at, _), proposal)| priced[at].push(proposal));
        priced
    }

    /// A draft as a proposal to some of the programs of which it is known what it does to them.
    pub(super) fn proposals_of(
        &self,
        draft: &Draft,
        known: &[(usize, Effect)],
        is_worth_it: impl Fn(usize) -> bool,
    ) -> Vec<(usize, Proposal)> {
        let worth_it: Vec<&(usize, Effect)> = known.iter().filter(|(at, _)| is_worth_it(*at)).collect();
        if worth_it.is_empty() {
            return Vec::new();
        }
        let mut changed = self.world.clone();
        changed.apply(&draft.plan);
        let savings = self.savings(&draft.plan, &changed, known);
        let others = |at: usize| -> Vec<(ProgramId, Saving)> {
            let is_other = |&(i, saved): &(usize, &Saving)| i != at && saved.alloc != 0;
            let all = savings.iter().enumerate().filter(is_other);
            all.filter_map(|(i, saved)| Some((self.program_id(i)?, *saved))).collect()
        };
        let common = self.common(draft);
        let proposal = |&(at, ref effect): &(usize, Effect)| {
            let mut effect = effect.clone();
            effect.saved.add_besides(self.besides_saved(at, &changed, &effect));
            (at, self.proposal(at, draft, &common, effect, &changed, others(at)))
        };
        worth_it.into_iter().map(proposal).collect()
    }

    /// What a change saves in each program, C code included; nothing where there is one program only.
    fn savings(&self, plan: &Plan, changed: &World<'_>, known: &[(usize, Effect)]) -> Vec<Saving> {
        let n_programs = self.programs.len();
        if n_programs < 2 {
            return Vec::new();
        }
        let mut effects: Vec<Option<&Effect>> = vec![None; n_programs];
        known.iter().for_each(|(at, effect)| effects[*at] = Some(effect));
        let rows = Rows::kept();
        let saved = |at: usize| {
            if !self.may_change(at, plan) {
                return Saving::default();
            }
            match effects[at] {
                Some(effect) => self.with_besides(at, changed, effect),
                None => self.with_besides(at, changed, &self.effect(at, changed, Some(plan), &rows)),
            }
        };
        (0..n_programs).map(saved).collect()
    }

    fn program_id(&self, at: usize) -> Option<ProgramId> {
        let name = &self.programs[at].program.name;
        self.tree.project.programs.iter().position(|program| program.name == *name).map(ProgramId::new)
    }

    fn with_besides(&self, at: usize, changed: &World<'_>, effect: &Effect) -> Saving {
        let mut saved = effect.saved;
        saved.add_besides(self.besides_saved(at, changed, effect));
        saved
    }

    /// What a program saves besides its units.
    fn besides_saved(&self, at: usize, changed: &World<'_>, effect: &Effect) -> i64 {
        let before = &self.states[at].linked;
        if effect.dropped.is_empty() && effect.added.is_empty() {
            return 0;
        }
        let besides = self.besides(at);
        let stays = |unit: UnitId| before.contains(unit) && !effect.dropped.contains(&unit);
        if changed.asks_for_no_more(&effect.added, stays) {
            // Mostly some units leave, and that is all.
            if effect.dropped.is_empty() {
                return 0;
            }
            if let Some(bytes) = besides.without(&effect.dropped) {
                return besides.now() as i64 - bytes as i64;
            }
        }
        let units = changed.with_objects(effect.after(before));
        let is_same = units.len() == before.units.len() && units.iter().all(|&unit| before.contains(unit));
        if is_same { 0 } else { besides.now() as i64 - besides.of(&units) as i64 }
    }

    /// Prices a plan for one program, C code included.
    pub(super) fn whole_price(&self, at: usize, plan: &Plan) -> (World<'_>, Effect) {
        let mut changed = self.world.clone();
        changed.apply(plan);
        let mut effect = self.effect(at, &changed, Some(plan), &Rows::default());
        effect.saved.add_besides(self.besides_saved(at, &changed, &effect));
        (changed, effect)
    }

    /// Bytes of a program in some world.
    pub(super) fn alloc(&self, at: usize, world: &World<'_>) -> u64 {
        self.left(at, world, &self.effect(at, world, None, &Rows::default()))
    }

    /// Bytes of a program of which it is known what a world does to it.
    fn left(&self, at: usize, world: &World<'_>, effect: &Effect) -> u64 {
        let was = (self.states[at].alloc + self.besides(at).now()) as i64;
        (was - effect.saved.alloc - self.besides_saved(at, world, effect)) as u64
    }

    /// Bytes of the program after each of some changes.
    fn curve(&self, at: usize, chosen: &[&Proposal]) -> Vec<CurvePoint> {
        let mut world = self.world.clone();
        let effect = |proposal: &&Proposal| {
            world.apply(&proposal.plan);
            self.effect(at, &world, None, &Rows::default())
        };
        let effects: Vec<Effect> = chosen.iter().map(effect).collect();
        // What is in the executable besides takes longest. New units keep their ids, so the last world knows those of all.
        let left: Vec<u64> = effects.par_iter().map(|effect| self.left(at, &world, effect)).collect();
        let was = self.states[at].alloc + self.besides(at).now();
        let ids = |n: usize| chosen[..n].iter().map(|proposal| proposal.id.clone()).collect();
        let point = |(n, alloc): (usize, u64)| CurvePoint { proposals: ids(n), alloc };
        std::iter::once(was).chain(left).enumerate().map(point).collect()
    }

    /// Whether a plan may change what is linked of a program. Code that is not linked changes nothing: whoever refers to it is not
    /// linked either.
    fn may_change(&self, at: usize, plan: &Plan) -> bool {
        let linked = &self.states[at].linked;
        let graph = self.tree.graph;
        let mut cut = plan.cut.iter().map(|&edge| graph.def(graph.edges[edge as usize].from).unit);
        plan.link != LinkChange::default()
            || !linked.missing.is_empty()
            || plan.unit.is_some_and(|unit| linked.contains(unit))
            || cut.any(|unit| linked.contains(unit))
    }

    /// Nobody goes around a facade that is theirs to unseal, as long as nothing speaks against that which does not speak
    /// against going around it, too.
    fn drop_second_best(&self, proposals: &mut Vec<Proposal>) {
        let project = self.tree.project;
        let is_ours = |proposal: &Proposal| {
            let origin = proposal.library.map(|library| project.library(library).origin);
            matches!(origin, Some(LibraryOrigin::Workspace | LibraryOrigin::Program))
        };
        let reasons = |proposal: &Proposal| -> BTreeSet<&'static str> {
            proposal.risks.iter().filter(|risk| risk.needs_review()).map(|risk| risk.code).collect()
        };
        let unsealed: Vec<(Option<UnitId>, BTreeSet<&'static str>)> = proposals
            .iter()
            .filter(|proposal| proposal.kind == ProposalKind::UnsealFacade && is_ours(proposal))
            .map(|proposal| (proposal.unit, reasons(proposal)))
            .collect();
        proposals.retain(|proposal| {
            let is_second = proposal.kind == ProposalKind::BypassFacade;
            let own = reasons(proposal);
            !(is_second
                && unsealed.iter().any(|(unit, reasons)| *unit == proposal.unit && reasons.is_subset(&own)))
        });
    }
}

/// Sorts proposals: those that save most first, ties by id; going around a facade comes behind unsealing it.
fn rank(proposals: &mut [Proposal]) {
    let unsealed: Vec<(Option<UnitId>, i64)> = proposals
        .iter()
        .filter(|proposal| proposal.kind == ProposalKind::UnsealFacade)
        .map(|proposal| (proposal.unit, proposal.saved.alloc))
        .collect();
    let key = |proposal: &Proposal| {
        let own = proposal.saved.alloc;
        let better = unsealed.iter().find(|(unit, _)| *unit == proposal.unit);
        let is_second = proposal.kind == ProposalKind::BypassFacade && better.is_some();
        let saved = if is_second { own.min(better.map_or(own, |&(_, saved)| saved)) } else { own };
        (std::cmp::Reverse(saved), is_second, proposal.id.clone())
    };
    proposals.sort_by_cached_key(key);
}
