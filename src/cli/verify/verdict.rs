//! What came out of trying proposals: a table for people, JSON for programs.

use super::trial::{Baseline, Comparison, LeftOut, Stage, Together, Trial};
use crate::cli::output;
use crate::report::human;
use crate::report::table::{Align, Table};
use crate::split::{ProposalKind, Saving, Status};
use serde::Serialize;
use std::fmt::Write as _;

/// The whole verdict.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Verdict {
    schema: u32,
    profile: String,
    programs: Vec<ProgramEntry>,
    left_out: Vec<LeftOutEntry>,
    trials: Vec<TrialEntry>,
    together: Option<TogetherEntry>,
}

/// A program as it is.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct ProgramEntry {
    name: String,
    alloc: u64,
    stripped: u64,
    unstripped: u64,
    predicted_alloc: u64,
    extra_units: Vec<String>,
    missing_units: Vec<String>,
    reducible: u64,
}

/// A program that does not build as it is.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct LeftOutEntry {
    name: String,
    message: String,
}

/// A proposal that was tried.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct TrialEntry {
    id: String,
    kind: ProposalKind,
    status: Status,
    needs_review: bool,
    reasons: Vec<String>,
    bytes_proposed: i64,
    reached: &'static str,
    /// Whether it holds only with wrappers where it moved interfaces.
    with_wrappers: bool,
    message: Option<String>,
    seconds: f64,
    programs: Vec<ComparisonEntry>,
}

/// What it did to one program.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct ComparisonEntry {
    program: String,
    found_here: bool,
    predicted: Saving,
    actual: Saving,
    extra_units: Vec<String>,
    missing_units: Vec<String>,
}

/// All that hold, at once.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct TogetherEntry {
    proposals: Vec<String>,
    saved: Vec<Saving>,
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

    /// The table.
    pub(super) fn text(&self) -> String {
        let mut out = format!("Built with dune, profile {}\n\n", self.profile);
        let mut programs = Table::new(&[
            ("program", Align::Left),
            ("predicted", Align::Right),
            ("built", Align::Right),
            ("units", Align::Left),
        ]);
        for program in &self.programs {
            programs.row([
                program.name.clone(),
                human::bytes(program.predicted_alloc),
                human::bytes(program.alloc),
                units(&program.extra_units, &program.missing_units),
            ]);
        }
        let _ = writeln!(out, "Programs as they are, allocated bytes\n{}", programs.render());
        for program in &self.left_out {
            let _ =
                writeln!(out, "Left out: {} does not build as it is: {}\n", program.name, program.message);
        }
        let mut table = Table::new(&[
            ("proposal", Align::Left),
            ("program", Align::Left),
            ("predicted", Align::Right),
            ("saved", Align::Right),
            ("off by", Align::Right),
            ("stripped", Align::Right),
            ("unstripped", Align::Right),
            ("units", Align::Left),
            ("status", Align::Left),
        ]);
        for trial in &self.trials {
            let status = trial.status_text();
            for (i, program) in trial.programs.iter().enumerate() {
                table.row([
                    if i == 0 { trial.id.clone() } else { String::new() },
                    program.program.clone(),
                    human::difference(program.predicted.alloc),
                    human::difference(program.actual.alloc),
                    off_by(program.predicted.alloc, program.actual.alloc),
                    human::difference(program.actual.stripped),
                    human::difference(program.actual.unstripped),
                    if program.found_here {
                        units(&program.extra_units, &program.missing_units)
                    } else {
                        String::new()
                    },
                    if i == 0 { status.clone() } else { String::new() },
                ]);
            }
            if trial.programs.is_empty() {
                let mut row = vec![trial.id.clone()];
                row.extend(std::iter::repeat_n(String::new(), 7));
                row.push(status);
                table.row(row);
            }
        }
        if self.trials.is_empty() {
            out.push_str("No proposal has a patch here: `unlith audit` shows all there are, and what stands in the way\n");
            return out;
        }
        let _ = writeln!(out, "Proposals, each alone\n{}", table.render());
        for trial in &self.trials {
            if let Some(message) = &trial.message {
                let _ = writeln!(out, "  {} stopped at {}:", trial.id, trial.reached);
                message.lines().for_each(|line| {
                    let _ = writeln!(out, "    {line}");
                });
            }
        }
        if let Some(together) = &self.together {
            let _ = writeln!(out, "Together: {}", together.proposals.join(", "));
            for (program, saved) in self.programs.iter().zip(&together.saved) {
                let _ = writeln!(
                    out,
                    "  {} saves {} of {} ({} of what splits could save at best)",
                    program.name,
                    human::difference(saved.alloc),
                    human::bytes(program.alloc),
                    human::percent(saved.alloc.max(0) as u64, program.reducible),
                );
            }
        }
        out
    }
}

impl TrialEntry {
    fn status_text(&self) -> String {
        let mut text = match self.status {
            Status::Verified => "verified",
            Status::NeedsReview => "no patch",
            Status::Failed if self.reached == "done" => "saves nothing",
            _ => "failed",
        }
        .to_owned();
        if self.with_wrappers {
            text.push_str(" with wrappers");
        }
        if self.needs_review {
            let _ = write!(text, ", needs review: {}", self.reasons.join(", "));
        }
        text
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
    let (reached, message) = match &trial.stage {
        Stage::Patch(message) => ("patch", Some(message)),
        Stage::Build(message) => ("build", Some(message)),
        Stage::Test(message) => ("test", Some(message)),
        Stage::Done => ("done", None),
    };
    TrialEntry {
        id: trial.id.clone(),
        kind: trial.kind,
        status: trial.status(),
        needs_review: trial.needs_review,
        reasons: trial.reasons.clone(),
        bytes_proposed: trial.promised,
        reached,
        with_wrappers: trial.is_wrapped,
        message: message.cloned(),
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

fn units(extra: &[String], missing: &[String]) -> String {
    let list = |sign: &str, names: &[String]| {
        names.iter().take(3).map(|name| format!("{sign}{name}")).collect::<Vec<_>>().join(" ")
    };
    if extra.is_empty() && missing.is_empty() {
        return "as predicted".to_owned();
    }
    let text = format!("{} {}", list("+", extra), list("-", missing));
    let n_more = (extra.len() + missing.len()).saturating_sub(extra.len().min(3) + missing.len().min(3));
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    format!("{}{more}", text.trim())
}

fn off_by(predicted: i64, actual: i64) -> String {
    if actual == 0 {
        return if predicted == 0 { "0 %".to_owned() } else { "-".to_owned() };
    }
    format!("{:.1} %", (predicted - actual) as f64 * 100.0 / actual.unsigned_abs() as f64)
}
