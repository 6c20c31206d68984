//! All proposals that hold, one on top of the other, and how much of what could be saved that is.

use super::apply::Side;
use super::compare::saved;
use super::{Baseline, Bench, Stage, Together, Trial};
use crate::base::UnitId;
use crate::cli::pipeline::{Linked, Run};
use crate::link::{Links, Reason};
use crate::split::{Proposal, Risk, Status};
use std::collections::BTreeSet;

/// Proposals applied one on top of the other, at most.
const MAX_TOGETHER: usize = 40;

impl Bench<'_> {
    /// Applies what holds, most bytes of all programs first, each on the workspace as the ones before left it.
    pub(in crate::cli::verify) fn together(
        &self,
        baselines: &[Baseline],
        trials: &[Trial],
    ) -> anyhow::Result<Together> {
        let mut done = Together::default();
        let mut tried: BTreeSet<String> = BTreeSet::new();
        for trial in trials.iter().filter(|trial| trial.stage != Stage::Done || trial.needs_review) {
            tried.insert(trial.id.clone());
        }
        let build = || self.build_and_test(baselines);
        while done.ids.len() < MAX_TOGETHER {
            if build() != Stage::Done {
                break;
            }
            let run = self.audit()?;
            let mut programs = run.programs()?;
            run.propose(&mut programs);
            let Some(proposal) = self.best(&run, &programs, &tried) else { break };
            tried.insert(proposal.id.clone());
            let Ok(patch) = run.patch(proposal) else { continue };
            if patch.risks.iter().any(Risk::needs_review) {
                continue;
            }
            let before = self.total(baselines);
            let tried = self.apply(&run, baselines, proposal, patch)?;
            if tried.stage == Stage::Done && self.total(baselines) < before {
                done.ids.push(proposal.id.clone());
            } else {
                self.write(&tried.patch, Side::Before)?;
            }
        }
        build();
        for baseline in baselines {
            let after = self.builder.measure(&baseline.program);
            done.saved.push(after.map(|after| saved(&baseline.measured, &after)).unwrap_or_default());
        }
        Ok(done)
    }

    /// The proposal that saves most, over all programs, among those that need no review and were not tried.
    fn best<'p>(
        &self,
        run: &Run,
        programs: &'p [Linked<'_>],
        tried: &BTreeSet<String>,
    ) -> Option<&'p Proposal> {
        let all = programs.iter().flat_map(|program| &program.proposals.proposals);
        let open = all.filter(|proposal| {
            proposal.status == Status::Proposed
                && !proposal.kind.is_by_hand()
                && self.is_changeable(run, proposal)
                && !tried.contains(&proposal.id)
        });
        let total = |proposal: &&Proposal| {
            proposal.saved.alloc + proposal.others.iter().map(|(_, saving)| saving.alloc).sum::<i64>()
        };
        let best = open.max_by(|a, b| total(a).cmp(&total(b)).then_with(|| b.id.cmp(&a.id)))?;
        (total(&best) > 0).then_some(best)
    }

    /// Allocated bytes of all programs.
    fn total(&self, baselines: &[Baseline]) -> u64 {
        let alloc =
            |baseline: &Baseline| self.builder.measure(&baseline.program).map_or(u64::MAX / 64, |m| m.alloc);
        baselines.iter().map(alloc).sum()
    }

    /// Bytes above the bound, without those that stay whatever is split: dead code of units that nobody here can change, where
    /// they are needed, and that of other such units that they link.
    pub(super) fn reducible(&self, run: &Run, program: &Linked<'_>) -> u64 {
        let is_fixed = |unit: UnitId| {
            let library = run.project.unit(unit).library;
            !self.is_ours(run, library) || library == program.program.own
        };
        let is_needed = |&(unit, reason): &(UnitId, Reason)| {
            is_fixed(unit) && (program.live.touched.contains(unit) || !matches!(reason, Reason::By(_)))
        };
        let mut todo: Vec<UnitId> = program.linked.iter().filter(is_needed).map(|(unit, _)| unit).collect();
        let mut stays: BTreeSet<UnitId> = todo.iter().copied().collect();
        while let Some(unit) = todo.pop() {
            let others = run.links.links(unit).iter().copied();
            let linked = others.filter(|&other| program.linked.contains(other) && is_fixed(other));
            todo.extend(linked.filter(|&other| stays.insert(other)));
        }
        let dead = program.linked.units.iter().zip(&program.waste.dead_bytes);
        let fixed: u64 = dead.filter(|(unit, _)| stays.contains(unit)).map(|(_, bytes)| bytes).sum();
        program.size.alloc.saturating_sub(program.waste.bound).saturating_sub(fixed)
    }
}
