//! `unlith graph`: the units, definitions and references, for other programs.

use super::Outcome;
use super::failure::Failure;
use super::find;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::Run;
use crate::base::{IdSet, Idx, LibraryId, UnitId};
use crate::report::dot::dot;
use crate::report::interchange::{Level, unit_doc};
use crate::report::mermaid::mermaid;
use crate::report::picture::{Picture, neighbours, picture, reaching};
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
  unlith graph --format dot | dot -Tsvg > units.svg   a picture of the units
  unlith graph --format mermaid --reaches Stdlib__Scanf --collapse stdlib")]
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

    /// Only this unit, those that record it and those that it records (dot, mermaid)
    #[arg(long, value_name = "UNIT", conflicts_with = "reaches")]
    focus: Option<String>,

    /// Only the units from which this one is reached (dot, mermaid)
    #[arg(long, value_name = "UNIT")]
    reaches: Option<String>,

    /// One box for all units of this library (dot, mermaid)
    ///
    /// Findlib or dune names, several separated by commas; `all` for every library.
    #[arg(long, value_name = "LIBRARY", value_delimiter = ',')]
    collapse: Vec<String>,

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
    /// Mermaid, which code hosts draw inside Markdown; units only.
    Mermaid,
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
        let run = Run::new_with_all_prices(&args.paths, &args.input)?;
        let programs = run.programs()?;
        let units: IdSet<UnitId> =
            programs.iter().flat_map(|linked| linked.linked.units.iter().copied()).collect();
        drop(programs);
        (run, units)
    };
    output::print_problems(&run.problems, args.input.quiet, false);
    let text = match args.format {
        Format::Dot => dot(&boxes(&run, units, &args)?),
        Format::Mermaid => mermaid(&boxes(&run, units, &args)?),
        Format::Jsonl => lines(&run, &units, args.level)?,
    };
    args.output.write(&text)?;
    Ok(run.outcome())
}

/// The picture that the filters leave.
fn boxes(run: &Run, units: IdSet<UnitId>, args: &Args) -> anyhow::Result<Picture> {
    let linked: Vec<UnitId> = units.iter().collect();
    let shown = if let Some(name) = &args.focus {
        neighbours(&run.graph, &units, find::unit(run, &linked, name)?)
    } else if let Some(name) = &args.reaches {
        reaching(&run.graph, &units, find::unit(run, &linked, name)?)
    } else {
        units
    };
    let mut collapsed = IdSet::default();
    for name in &args.collapse {
        let is_meant = |id: &LibraryId| name == "all" || run.project.library(*id).name.as_str() == name;
        let meant: Vec<LibraryId> =
            (0..run.project.libraries.len()).map(LibraryId::new).filter(is_meant).collect();
        if meant.is_empty() {
            return Err(Failure::error(
                format!("no library here is named `{name}`"),
                "the boxes of the graph without --collapse stand under the names of their libraries",
            ));
        }
        collapsed.extend(meant);
    }
    Ok(picture(&run.project, &run.graph, &shown, &collapsed))
}

fn lines(run: &Run, units: &IdSet<UnitId>, level: LevelArg) -> anyhow::Result<String> {
    let level = match level {
        LevelArg::Unit => Level::Unit,
        LevelArg::Definition => Level::Definition,
    };
    let mut text = String::new();
    for unit in units.iter() {
        let doc = serde_json::to_string(&unit_doc(run.places(), &run.graph, unit, level));
        text.push_str(&doc.map_err(output::no_json)?);
        text.push('\n');
    }
    Ok(text)
}
