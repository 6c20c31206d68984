//! `unlith audit`: what is linked, what is waste, what to change.

use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Begun, Linked, Run};
use super::{Outcome, failure::Failure, sarif};
use crate::report::csv::Rows;
use crate::report::page::{self, PatchText};
use crate::report::{self, Audit, alert};
use crate::resolve::Disk;
use crate::split;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Show what is linked, what is waste, and what to change
///
/// For each program: its size, how much of it its own code reaches, the units that are linked for a part of them, and the changes
/// that would make it smaller, most bytes first.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith audit                                the dune workspace here, all its executables
  unlith audit ~/src/mirage --exe bin/main    one executable of another workspace
  unlith audit main.ml -p base,stdio          one file and two installed packages
  unlith audit --format json -o audit.json    exact byte counts, for programs
  unlith audit --format html -o audit.html    a page to look around in
  unlith audit --format markdown --top 5      for the comment of a pull request
  unlith audit --format csv --rows proposals  for a spreadsheet")]
pub(super) struct Args {
    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Show at most this many rows of each table
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,

    /// The rows of the table (csv)
    #[arg(long, value_name = "ROWS", default_value = "units")]
    rows: RowsArg,

    /// List the definitions of each linked unit with their bytes (json)
    #[arg(long)]
    definitions: bool,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// Tables, for people.
    Text,
    /// Everything, with exact byte counts.
    Json,
    /// One page for a browser, complete in itself: a map of the binary, chains, proposals with their patches.
    Html,
    /// For the comment of a pull request.
    Markdown,
    /// A table with exact byte counts; --rows says which.
    Csv,
    /// SARIF 2.1.0, for code scanning: proposals and problems.
    Sarif,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum RowsArg {
    /// Linked units.
    Units,
    /// Proposals.
    Proposals,
    /// References that are all there is between two units.
    ThinLinks,
    /// What is wrong in the tree.
    Problems,
}

impl From<RowsArg> for Rows {
    fn from(rows: RowsArg) -> Rows {
        match rows {
            RowsArg::Units => Rows::Units,
            RowsArg::Proposals => Rows::Proposals,
            RowsArg::ThinLinks => Rows::ThinLinks,
            RowsArg::Problems => Rows::Problems,
        }
    }
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let mut run = match begun(&args)? {
        Begun::Run(run) => run,
        Begun::Known(answer) => {
            output::say(&answer.said);
            args.write(&answer.text)?;
            return Ok(if answer.is_incomplete { Outcome::Incomplete } else { Outcome::Done });
        }
    };
    if args.definitions {
        run.list_definitions();
    }
    let mut programs = run.programs()?;
    run.propose(&mut programs);
    let n_shown = match args.format {
        Format::Text | Format::Markdown => args.top,
        _ => usize::MAX,
    };
    run.check_patches(&mut programs, n_shown);
    let report = args.report(&run, &programs)?;
    let is_in_report = matches!(args.format, Format::Text | Format::Html | Format::Sarif);
    let said = output::problems_text(&run.problems, args.input.quiet, is_in_report);
    output::say(&said);
    let ((), written) = rayon::join(|| run.keep(&said, &report), || args.write(&report));
    written?;
    std::mem::forget(programs);
    let outcome = run.outcome();
    run.leave();
    Ok(outcome)
}

impl Args {
    /// The report, in pieces.
    fn report(&self, run: &Run, programs: &[Linked<'_>]) -> anyhow::Result<Vec<String>> {
        let audit = || run.audit(programs);
        let text = match self.format {
            Format::Json => return run.audit_json(programs),
            Format::Text => report::text::text(&audit(), self.top),
            Format::Html => html(run, programs, &audit())?,
            Format::Markdown => report::markdown::audit(&audit(), self.top),
            Format::Csv => report::csv::audit(&audit(), self.rows.into())?,
            Format::Sarif => {
                let audit = audit();
                let alerts = alert::of_audit(&audit);
                sarif::text(&audit.tool, &alerts, &sarif::root(run, &audit), |rule| rule.usual_level())?
            }
        };
        Ok(vec![text])
    }

    /// Writes the report.
    fn write(&self, pieces: &[String]) -> anyhow::Result<()> {
        match self.format {
            Format::Json | Format::Sarif => self.output.write_data(pieces),
            Format::Text | Format::Html | Format::Markdown | Format::Csv => {
                self.output.write(&pieces.concat())
            }
        }
    }
}

/// Runs the stages, unless the answer is known. Pages and SARIF read more files than those that are noted down.
fn begun(args: &Args) -> anyhow::Result<Begun> {
    match args.format {
        Format::Html | Format::Sarif => Ok(Begun::Run(Box::new(Run::new(&args.paths, &args.input)?))),
        _ => {
            let question = ("audit", args.format, args.top, args.rows, args.definitions);
            Run::asked(&args.paths, &args.input, &question)
        }
    }
}

/// The page, with the patches of all proposals.
fn html(run: &Run, programs: &[Linked<'_>], audit: &Audit) -> anyhow::Result<String> {
    let mut patches: BTreeMap<String, PatchText> = BTreeMap::new();
    for proposal in programs.iter().flat_map(|linked| &linked.proposals.proposals) {
        if !patches.contains_key(&proposal.id) && !proposal.kind.is_by_hand() {
            let text = match run.patch(proposal) {
                Ok(patch) => PatchText::Diff(split::unified_diff(&patch)),
                Err(refusal) => PatchText::None(refusal.0.message.clone()),
            };
            patches.insert(proposal.id.clone(), text);
        }
    }
    let sources = page::Sources {
        places: run.places(),
        graph: &run.graph,
        weights: &run.prices.weights,
        texts: &Disk,
        patches: &patches,
    };
    let parts: Vec<report::Parts<'_>> = programs.iter().map(|linked| run.parts(linked)).collect();
    page::page(audit, &parts, sources)
        .map_err(|error| Failure::error(format!("cannot write the page: {error}"), "please report this"))
}
