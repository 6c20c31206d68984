//! Promised and actual, program by program.

use super::{Baseline, Bench, Comparison, known};
use crate::base::{Idx, ProgramId};
use crate::cli::pipeline::{Linked, Run};
use crate::cli::verify::build::Measured;
use crate::project::Program;
use crate::split::{Proposal, Saving};
use std::collections::BTreeSet;

impl Bench<'_> {
    pub(super) fn compare(
        &self,
        run: &Run,
        programs: &[Linked<'_>],
        baselines: &[Baseline],
        proposal: &Proposal,
        wrapped: Option<&Proposal>,
    ) -> Result<Vec<Comparison>, String> {
        let mut comparisons = Vec::new();
        // Wrappers have their price.
        let repriced = wrapped.map(|wrapped| run.price_plan(programs, &wrapped.plan));
        for (at, (program, baseline)) in programs.iter().zip(baselines).enumerate() {
            let mut after = self.builder.measure(program.program)?;
            after.units = known(run, after.units);
            let own = program
                .proposals
                .proposals
                .iter()
                .find(|other| other.id == proposal.id && other.plan == proposal.plan);
            let repriced = repriced.as_ref().and_then(|repriced| repriced.get(at));
            let predicted = match (repriced, own) {
                (Some(repriced), _) => repriced.saved,
                (None, Some(own)) => own.saved,
                (None, None) => other_saving(run, proposal, program.program),
            };
            let mut comparison = Comparison {
                program: program.program.name.clone(),
                predicted,
                actual: saved(&baseline.measured, &after),
                is_finder: own.is_some(),
                extra: Vec::new(),
                missing: Vec::new(),
            };
            if let Some(own) = own {
                let (dropped, added) = match repriced {
                    Some(repriced) => (&repriced.units_dropped, &repriced.units_added),
                    None => (&own.units_dropped, &own.units_added),
                };
                let dropped: BTreeSet<String> =
                    dropped.iter().map(|&unit| run.project.unit(unit).name.to_string()).collect();
                let mut expected: BTreeSet<String> =
                    baseline.predicted_units.difference(&dropped).cloned().collect();
                expected.extend(added.iter().cloned());
                comparison.extra = after.units.difference(&expected).cloned().collect();
                comparison.missing = expected.difference(&after.units).cloned().collect();
            }
            comparisons.push(comparison);
        }
        Ok(comparisons)
    }
}

/// What was promised to a program for which somebody else's proposal was not found.
fn other_saving(run: &Run, proposal: &Proposal, program: &Program) -> Saving {
    let id = run.project.programs.iter().position(|other| other.name == program.name).map(ProgramId::new);
    proposal
        .others
        .iter()
        .find(|(other, _)| Some(*other) == id)
        .map_or_else(Saving::default, |&(_, saving)| saving)
}

pub(super) fn saved(before: &Measured, after: &Measured) -> Saving {
    let less = |before: u64, after: u64| before as i64 - after as i64;
    let alloc = less(before.alloc, after.alloc);
    Saving {
        alloc,
        stripped: less(before.stripped, after.stripped),
        unstripped: less(before.unstripped, after.unstripped),
        low: alloc,
        high: alloc,
    }
}
