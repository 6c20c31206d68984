//! What came out of trying proposals, with exact byte counts: JSON for programs; `text` has a table for people.

use super::trial::{Baseline, Comparison, LeftOut, Stage, Together, Trial};
use crate::cli::output;
use crate::split::{ProposalKind, Saving, Status};
use serde::Serialize;

/// The whole verdict.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) schema: u32,
    pub(super) profile: String,
    pub(super) programs: Vec<ProgramEntry>,
    pub(super) left_out: Vec<LeftOutEntry>,
    pub(super) trials: Vec<TrialEntry>,
    pub(super) together: Option<TogetherEntry>,
}

/// A program as it is.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct ProgramEntry {
    pub(super) name: String,
    pub(super) alloc: u64,
    pub(super) stripped: u64,
    pub(super) unstripped: u64,
    pub(super) predicted_alloc: u64,
    pub(super) extra_units: Vec<String>,
    pub(super) missing_units: Vec<String>,
    pub(super) reducible: u64,
}

/// A program that does not build as it is.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct LeftOutEntry {
    pub(super) name: String,
    pub(super) message: String,
}

/// A proposal that was tried.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct TrialEntry {
    pub(super) id: String,
    pub(super) kind: ProposalKind,
    pub(super) status: Status,
    pub(super) needs_review: bool,
    pub(super) reasons: Vec<String>,
    pub(super) bytes_proposed: i64,
    pub(super) reached: &'static str,
    /// Whether it holds only with wrappers where it moved interfaces.
    pub(super) with_wrappers: bool,
    pub(super) message: Option<String>,
    pub(super) seconds: f64,
    pub(super) programs: Vec<ComparisonEntry>,
}

/// What it did to one program.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct ComparisonEntry {
    pub(super) program: String,
    pub(super) found_here: bool,
    pub(super) predicted: Saving,
    pub(super) actual: Saving,
    pub(super) extra_units: Vec<String>,
    pub(super) missing_units: Vec<String>,
}

/// All that hold, at once.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct TogetherEntry {
    pub(super) proposals: Vec<String>,
    pub(super) saved: Vec<Saving>,
}

impl Verdict {
    pub(super) fn new(
        left_out: &[LeftOut],
        baselines: &[Baseline],
        trials: &[Trial],
        together: Option<&Together>,
        profile: &str,
    ) -> Verdict {
        let left_out_entry = |program: &LeftOut| LeftOutEntry {
            name: program.program.clone(),
            message: program.message.clone(),
        };
        Verdict {
            schema: 1,
            profile: profile.to_owned(),
            programs: baselines.iter().map(program).collect(),
            left_out: left_out.iter().map(left_out_entry).collect(),
            trials: trials.iter().map(trial).collect(),
            together: together.map(|together| TogetherEntry {
                proposals: together.ids.clone(),
                saved: together.saved.clone(),
            }),
        }
    }

    /// Exact byte counts.
    pub(super) fn json(&self) -> anyhow::Result<String> {
        output::json(self)
    }
}

fn program(baseline: &Baseline) -> ProgramEntry {
    let (predicted, built) = (&baseline.predicted_units, &baseline.measured.units);
    ProgramEntry {
        name: baseline.program.name.clone(),
        alloc: baseline.measured.alloc,
        stripped: baseline.measured.stripped,
        unstripped: baseline.measured.unstripped,
        predicted_alloc: baseline.predicted_alloc,
        extra_units: built.difference(predicted).cloned().collect(),
        missing_units: predicted.difference(built).cloned().collect(),
        reducible: baseline.reducible,
    }
}

fn trial(trial: &Trial) -> TrialEntry {
    let status = trial.status();
    let (reached, message) = match &trial.stage {
        Stage::Patch(message) => ("patch", Some(message.clone())),
        Stage::Build(message) => ("build", Some(message.clone())),
        Stage::Test(message) => ("test", Some(message.clone())),
        Stage::Done if status == Status::Failed => {
            ("done", Some("it builds, and saves nothing in the programs that it was found for".to_owned()))
        }
        Stage::Done => ("done", None),
    };
    TrialEntry {
        id: trial.id.clone(),
        kind: trial.kind,
        status,
        needs_review: trial.needs_review,
        reasons: trial.reasons.clone(),
        bytes_proposed: trial.promised,
        reached,
        with_wrappers: trial.is_wrapped,
        message,
        seconds: trial.time.as_secs_f64(),
        programs: trial.comparisons.iter().map(comparison).collect(),
    }
}

fn comparison(comparison: &Comparison) -> ComparisonEntry {
    ComparisonEntry {
        program: comparison.program.clone(),
        found_here: comparison.is_finder,
        predicted: comparison.predicted,
        actual: comparison.actual,
        extra_units: comparison.extra.clone(),
        missing_units: comparison.missing.clone(),
    }
}
