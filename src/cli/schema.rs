//! `unlith schema`: what the JSON of a command looks like.

use super::Outcome;
use super::output::{self, OutputArgs};
use super::why;
use crate::check::Baseline;
use crate::report::diff::Difference;
use crate::report::finding::CheckReport;
use crate::report::json_schema;
use crate::report::levers::Levers;
use crate::report::library::LibraryAudit;
use crate::report::schema::Audit;

/// Print the JSON Schema of a report
///
/// JSON Schema 2020-12, as `docs/schema/` has it. Keys may be added within a version; none is renamed or removed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith schema audit
  unlith schema check -o check.schema.json")]
pub(super) struct Args {
    /// The report
    #[arg(value_name = "REPORT")]
    report: Report,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Report {
    /// Of `unlith audit --format json`.
    Audit,
    /// Of `unlith check --format json`.
    Check,
    /// Of the file that `unlith check --write-baseline` writes.
    Baseline,
    /// Of `unlith diff --format json`.
    Diff,
    /// Of `unlith levers --format json`.
    Levers,
    /// Of `unlith library --format json`.
    Library,
    /// Of `unlith why --format json`.
    Why,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let schema = match args.report {
        Report::Audit => json_schema::of::<Audit>(),
        Report::Check => json_schema::of::<CheckReport>(),
        Report::Baseline => json_schema::of::<Baseline>(),
        Report::Diff => json_schema::of::<Difference>(),
        Report::Levers => json_schema::of::<Levers>(),
        Report::Library => json_schema::of::<LibraryAudit>(),
        Report::Why => json_schema::of::<why::Answer>(),
    };
    let json = serde_json::to_string_pretty(&schema).map_err(output::no_json)?;
    args.output.write(&(json + "\n"))?;
    Ok(Outcome::Done)
}
