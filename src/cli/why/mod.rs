//! `unlith why`: which chains of references pull a unit or definition in, who uses it, and what goes if chains are cut.

mod answer;
mod text;

use super::Outcome;
use super::find::{Cut, Question, find, find_cut};
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use answer::{ProgramAnswer, answer};
use serde::Serialize;
use std::path::PathBuf;
use text::{Shown, text};

/// Show why a unit or definition is in the program
///
/// Prints chains of references from the program's own modules, each with its place, the shortest first; they share no unit but
/// their ends, so all of them have to be cut to be rid of the unit. Then how many bytes leave the program when one link of
/// the shortest is cut, and who else records the unit.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith why Stdlib__Scanf main.ml -p sexplib
  unlith why Base.List.fold --exe bin/main
  unlith why Stdlib__Scanf --cut Sexplib0__Sexp_conv:Stdlib__Scanf   what goes without that link
  unlith why Stdlib__Format --who-uses                               every reference to it
  unlith why Lwt_unix --format json")]
pub(super) struct Args {
    /// A unit, or a definition in it: `Base__List`, `Base.List.fold`
    #[arg(value_name = "UNIT[.definition]")]
    name: String,

    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Show at most this many chains
    #[arg(long, value_name = "N", default_value_t = 3)]
    chains: usize,

    /// Link again without this link, and say what leaves and what is left of the answer
    ///
    /// Two units as the linker knows them or as people write them. May be given several times: the links are cut together.
    #[arg(long = "cut", value_name = "FROM:TO")]
    cuts: Vec<String>,

    /// Show all that uses it: each linked unit with its references, and what would leave if that unit alone stopped
    #[arg(long)]
    who_uses: bool,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Show at most this many users, and with --who-uses references of each
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The answer as JSON, schema 1.
#[derive(Serialize, schemars::JsonSchema)]
pub(super) struct Answer {
    schema: u32,
    programs: Vec<ProgramAnswer>,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let run = Run::new_with_all_prices(&args.paths, &args.input)?;
    let mut answers = Vec::new();
    for linked in &run.programs()? {
        let question = find(&run, &linked.linked.units, &args.name)?;
        let cuts: Vec<Cut> = args
            .cuts
            .iter()
            .map(|cut| find_cut(&run, &linked.linked.units, cut))
            .collect::<Result<_, _>>()?;
        answers.push(answer(&run, linked, question, &cuts, args.chains.max(1)));
    }
    output::print_problems(&run.problems, true, false);
    let text = match args.format {
        Format::Text => {
            let shown = Shown { n_rows: args.top, who_uses: args.who_uses };
            answers.iter().map(|answer| text(answer, shown)).collect::<Vec<_>>().join("\n")
        }
        Format::Json => {
            let answer = Answer { schema: 1, programs: answers };
            output::json(&answer)?
        }
    };
    args.output.write(&text)?;
    Ok(run.outcome())
}

/// Returns the answer for one program as text, with the usual numbers of rows.
pub(super) fn usual(run: &Run, linked: &Linked<'_>, question: Question) -> String {
    text(&answer(run, linked, question, &[], 3), Shown { n_rows: 10, who_uses: false })
}
