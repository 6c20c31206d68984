//! `unlith stats`: time and counts of each stage.

use super::Outcome;
use super::bare_parse::{self, Parsed, peak_memory, processor_time};
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::Run;
use crate::report::human::{bytes, thousands};
use crate::report::table::{Align, HEADING, Table};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Show the time of each stage, what was read and found, and the memory used
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith stats main.ml -p base,stdio
  unlith stats --compare-parse --jobs 2    beside a bare parse of the same files")]
pub(super) struct Args {
    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Also parse the same files with tree-sitter alone, in a process with as many threads, and show the ratio
    #[arg(long)]
    compare_parse: bool,

    /// Parse the files that standard input names and do nothing else: what `--compare-parse` starts
    #[arg(long, hide = true)]
    only_parse: bool,

    /// Only list the source files that are read
    #[arg(long, conflicts_with = "compare_parse")]
    files: bool,

    /// The form of the figures
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// A table.
    Text,
    /// For programs.
    Json,
}

/// The figures as JSON, schema 1.
#[derive(Serialize)]
struct Stats {
    schema: u32,
    threads: usize,
    stages: Vec<StageEntry>,
    total_seconds: f64,
    /// Time that processors worked on it, all threads together, where the system says.
    #[serde(skip_serializing_if = "Option::is_none")]
    processor_seconds: Option<f64>,
    counts: Vec<CountEntry>,
    /// Most memory that the process had at one time, where the system says.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_memory_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bare_parse: Option<BareParse>,
}

#[derive(Serialize)]
struct StageEntry {
    name: &'static str,
    seconds: f64,
}

#[derive(Serialize)]
struct CountEntry {
    name: &'static str,
    count: u64,
}

/// A parse of the files that were read, and nothing else, by a process of its own.
#[derive(Serialize)]
struct BareParse {
    #[serde(flatten)]
    parsed: Parsed,
    /// Time of all stages over the time of the bare parse.
    ratio: f64,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    if args.only_parse {
        args.output.write(&output::json(&bare_parse::run(args.input.jobs)?)?)?;
        return Ok(Outcome::Done);
    }
    let started = Instant::now();
    let run = Run::new(&args.paths, &args.input)?;
    if args.files {
        let paths = run.project.files.iter().zip(&run.facts).filter(|(_, facts)| facts.is_some());
        let list: String = paths.map(|(file, _)| format!("{}\n", file.path.display())).collect();
        args.output.write(&list)?;
        return Ok(run.outcome());
    }
    let linking = Instant::now();
    let mut programs = run.programs()?;
    let link_time = linking.elapsed();
    let splitting = Instant::now();
    run.propose(&mut programs);
    let split_time = splitting.elapsed();
    let total = started.elapsed();
    let worked = processor_time();
    let memory = peak_memory();
    let stages = run
        .stages
        .iter()
        .map(|stage| (stage.name, stage.time))
        .chain([("link", link_time), ("split", split_time)]);
    let stages = stages.map(|(name, time)| StageEntry { name, seconds: time.as_secs_f64() }).collect();
    let linked = programs.iter().map(|linked| linked.linked.units.len() as u64).sum();
    let mut counts = counts(&run);
    counts.push(CountEntry { name: "programs", count: programs.len() as u64 });
    counts.push(CountEntry { name: "linked units", count: linked });
    let proposals = programs.iter().map(|linked| linked.proposals.proposals.len() as u64).sum();
    counts.push(CountEntry { name: "proposals", count: proposals });
    let bare = args.compare_parse.then(|| bare_parse::beside(&run)).transpose()?;
    let bare = bare.map(|parsed| BareParse { ratio: total.as_secs_f64() / parsed.seconds.max(1e-9), parsed });
    let stats = Stats {
        schema: 1,
        threads: rayon::current_num_threads(),
        stages,
        total_seconds: total.as_secs_f64(),
        processor_seconds: worked,
        counts,
        peak_memory_bytes: memory,
        bare_parse: bare,
    };
    output::print_problems(&run.problems, true, false);
    let text = match args.format {
        Format::Text => text(&stats),
        Format::Json => output::json(&stats)?,
    };
    args.output.write(&text)?;
    std::mem::forget(programs);
    let outcome = run.outcome();
    run.leave();
    Ok(outcome)
}

fn counts(run: &Run) -> Vec<CountEntry> {
    let read = || run.facts.iter().flatten();
    let entry = |name, count: usize| CountEntry { name, count: count as u64 };
    vec![
        entry("libraries", run.project.libraries.len()),
        entry("units known", run.project.units.len()),
        entry("units resolved", run.graph.defs_of_unit.iter().filter(|defs| !defs.is_empty()).count()),
        entry("files known", run.project.files.len()),
        entry("files read", read().count()),
        entry("bytes read", read().map(|facts| facts.n_bytes as usize).sum()),
        entry("lines read", read().map(|facts| facts.lines.n_lines()).sum()),
        entry("definitions", run.graph.defs.len()),
        entry("edges", run.graph.edges.len()),
        entry("unresolved names", run.graph.unresolved.len()),
        entry("problems", run.problems.len()),
        entry("results known from before", run.cached.0 as usize),
        entry("results worked out", run.cached.1 as usize),
    ]
}

fn text(stats: &Stats) -> String {
    let mut times = Table::new(&[("stage", Align::Left), ("time", Align::Right)]);
    for stage in &stats.stages {
        times.row([stage.name.to_owned(), seconds(stage.seconds)]);
    }
    times.total(["all".to_owned(), seconds(stats.total_seconds)]);
    let mut counts = Table::new(&[("what", Align::Left), ("count", Align::Right)]);
    for entry in &stats.counts {
        counts.row([entry.name.to_owned(), thousands(entry.count)]);
    }
    let mut out = format!("{HEADING}Time, {} threads{HEADING:#}\n{}", stats.threads, times.render());
    if let Some(bare) = &stats.bare_parse {
        out.push_str(&format!(
            "  a bare parse of the same files takes {}: all stages take {:.2} times that\n",
            seconds(bare.parsed.seconds),
            bare.ratio
        ));
    }
    if let Some(worked) = stats.processor_seconds {
        let bare = stats.bare_parse.as_ref().and_then(|bare| bare.parsed.processor_seconds);
        let ratio =
            bare.map_or(String::new(), |bare| format!(", {:.2} times a bare parse", worked / bare.max(1e-9)));
        out.push_str(&format!("  processors worked {}{ratio}\n", seconds(worked)));
    }
    out.push_str(&format!("\n{HEADING}Counts{HEADING:#}\n{}", counts.render()));
    if let Some(memory) = stats.peak_memory_bytes {
        out.push_str(&format!("\npeak memory {}\n", bytes(memory)));
    }
    out
}

fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}
