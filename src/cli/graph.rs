//! `unlith graph`: the units, definitions and references, for other programs.

use super::Outcome;
use super::failure::Failure;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::Run;
use crate::base::{IdSet, UnitId};
use crate::report::dot::dot;
use crate::report::interchange::{Level, unit_doc};
use std::path::PathBuf;

/// Print the graph of units or definitions
///
/// The units that the programs link, or, with packages and no path, all units of those packages. As JSON lines: one document for
/// each unit, with its definitions, effects and references. Lines count from 1, columns from 0; strings hold one code point
/// for each byte.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith graph main.ml -p base > graph.jsonl          what the program links
  unlith graph -p base,sexplib0 > packages.jsonl      all units of two packages
  unlith graph --format dot | dot -Tsvg > units.svg   a picture of the units")]
pub(super) struct Args {
    /// A dune workspace, or the .ml files of one program with the main module last [default: . if there is no package]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The form of the graph
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    format: Format,

    /// How much is told of each unit (jsonl)
    #[arg(long, value_name = "LEVEL", default_value = "definition")]
    level: LevelArg,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// One JSON document on each line.
    Jsonl,
    /// Graphviz, units only.
    Dot,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum LevelArg {
    /// The units and what they link.
    Unit,
    /// Their definitions, effects and references too.
    Definition,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let is_packages = args.paths.is_empty() && !args.input.packages.is_empty();
    let (run, units) = if is_packages {
        Run::of_packages(&args.input)?
    } else {
        let run = Run::new(&args.paths, &args.input)?;
        let programs = run.programs()?;
        let units: IdSet<UnitId> =
            programs.iter().flat_map(|linked| linked.linked.units.iter().copied()).collect();
        drop(programs);
        (run, units)
    };
    output::print_problems(&run.problems, args.input.quiet, false);
    let text = match args.format {
        Format::Dot => dot(&run.project, &run.graph, &units),
        Format::Jsonl => lines(&run, &units, args.level)?,
    };
    args.output.write(&text)?;
    Ok(run.outcome())
}

fn lines(run: &Run, units: &IdSet<UnitId>, level: LevelArg) -> anyhow::Result<String> {
    let level = match level {
        LevelArg::Unit => Level::Unit,
        LevelArg::Definition => Level::Definition,
    };
    let mut text = String::new();
    for unit in units.iter() {
        let doc = serde_json::to_string(&unit_doc(run.places(), &run.graph, unit, level));
        text.push_str(
            &doc.map_err(|error| {
                Failure::error(format!("cannot write JSON: {error}"), "please report this")
            })?,
        );
        text.push('\n');
    }
    Ok(text)
}
