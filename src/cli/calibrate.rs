//! `unlith calibrate`: fits the size model to what is installed here, and says how good it is.

use super::Outcome;
use super::failure::Failure;
use super::input::start_threads;
use super::output::{self, Color};
use super::progress::Progress;
use crate::base::{FileId, Idx, LibraryId, read_regular_text};
use crate::graph::{Archives, Wanted, analyse};
use crate::project::{self, LoadOptions, Project};
use crate::report::human::{bytes, count, percent, thousands};
use crate::report::table::{Align, HEADING, Table};
use crate::resolve::Disk;
use crate::size::{Accuracy, Judged, Model, Spread, by_package, calibrate, load_objects, samples};
use std::path::PathBuf;

/// Fit the size model to the object files here, and show its error on packages that it has not seen
///
/// Bytes of units without object files are estimated from their syntax. The model that is built in was fitted to OCaml 4.13.1 on
/// amd64; with another compiler, processor or set of flags, fit one to the libraries that are installed with sources and objects, and
/// give it to the other commands with --model.
///
/// The error is cross-validated by package: each is judged by a model that was fitted to others.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith calibrate                       all installed packages
  unlith calibrate -o model.json         the same, and keep the model
  unlith audit . --model model.json      estimate with it
  unlith calibrate -p base,lwt,re --top 3")]
pub(super) struct Args {
    /// Learn from these installed packages [default: all]
    ///
    /// Findlib names, several separated by commas. Packages that they require are learned from too.
    #[arg(short, long = "package", value_name = "NAMES", value_delimiter = ',')]
    packages: Vec<String>,

    /// Look for installed packages in these directories first
    ///
    /// Separated as in PATH; like the environment variable OCAMLPATH, before it.
    #[arg(long, value_name = "DIRS")]
    ocamlpath: Option<String>,

    /// Write the model to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Show at most this many packages
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,

    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,

    /// Use this many threads [default: as many as there are processors]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,

    /// Do not show progress and problems
    #[arg(short, long)]
    quiet: bool,
}

/// Fewer packages than this cannot be dealt into groups that say anything.
const MIN_PACKAGES: usize = 10;

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.color.set();
    start_threads(args.jobs)?;
    let progress = Progress::new(args.quiet);
    progress.say("reading packages");
    let mut options = LoadOptions { ocamlpath: args.ocamlpath.clone(), ..LoadOptions::of_process() };
    options.packages = match args.packages.is_empty() {
        true => project::installed_packages(&options),
        false => {
            args.packages.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        }
    };
    let mut project = project::load_installed(&options);
    // What some installed package lacks is nobody's business here, unless the package was asked for.
    if !args.packages.is_empty() {
        output::print_problems(&project.problems, args.quiet, false);
    }
    let is_missing = !args.packages.is_empty() && project.problems.iter().any(output::is_serious);
    progress.say("parsing and resolving");
    let libraries = (0..project.libraries.len()).map(LibraryId::new).collect();
    let analysis = analyse(&mut project, &Disk, &Wanted::Libraries(libraries), Archives::Trusted);
    progress.say("measuring");
    let (objects, problems) = load_objects(&project);
    output::print_problems(&problems, args.quiet, false);
    let facts = |file: FileId| analysis.facts(file).map(|facts| &**facts);
    let samples = samples(&project, &analysis.graph, &objects, facts);
    progress.say("fitting");
    let (model, judged) = calibrate(&samples, &compiler(&project));
    drop(progress);
    if model.n_packages < MIN_PACKAGES {
        return Err(Failure::error(
            format!(
                "only {} in {} with both sources and object files: at least {MIN_PACKAGES} packages are needed",
                count(model.n_units, "unit"),
                count(model.n_packages, "package"),
            ),
            "install more libraries (from opam, or the -dev packages of your system), or name more of them with -p",
        ));
    }
    if let Some(path) = &args.output {
        std::fs::write(path, model.to_json()).map_err(|error| {
            Failure::error(
                format!("cannot write `{}`: {error}", path.display()),
                "name a file in a directory that exists and may be written to",
            )
        })?;
    }
    output::print(&text(&model, &judged, args.top))?;
    Ok(if is_missing { Outcome::Incomplete } else { Outcome::Done })
}

/// Says which compiler made the installed libraries: what `Makefile.config` and `caml/version.h` beside the standard library have.
fn compiler(project: &Project) -> String {
    let stdlib = project.libraries.iter().find(|library| library.name == "stdlib");
    let read = |file: &str| read_regular_text(&stdlib?.dir.join(file), super::input::MAX_BYTES).ok();
    let header = read("caml/version.h").unwrap_or_default();
    let version =
        header.lines().find_map(|line| line.strip_prefix("#define OCAML_VERSION_STRING")).unwrap_or("");
    let config = read("Makefile.config").unwrap_or_default();
    let value = |key: &str| {
        let found = config.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        found.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let version = Some(version.trim().trim_matches('"')).filter(|version| !version.is_empty());
    let mut parts = vec![format!("OCaml {}", version.unwrap_or("of unknown version"))];
    parts.extend(value("ARCH"));
    parts.extend(value("SYSTEM"));
    if value("FLAMBDA").as_deref() == Some("true") {
        parts.push("flambda".to_owned());
    }
    parts.join(", ")
}

fn text(model: &Model, judged: &[Judged], top: usize) -> String {
    let error = &model.error;
    format!(
        "Fitted to {} of {} ({})\n\n{HEADING}Error on packages that the fit did not see{HEADING:#}\n{}{}\n\
         {HEADING}By section, as a part of the unit{HEADING:#}\n{}\n{HEADING}By package, most wrong bytes first{HEADING:#}\n{}",
        count(model.n_units, "unit"),
        count(model.n_packages, "package"),
        model.compiler,
        spreads(error),
        intervals(error),
        sections(error),
        packages(judged, top),
    )
}

const COLUMNS: [(&str, Align); 4] =
    [("count", Align::Right), ("median", Align::Right), ("nine in ten", Align::Right), ("sum", Align::Right)];

fn cells(name: &str, spread: &Spread) -> [String; 5] {
    let Spread { n, median, p90, bias } = *spread;
    [name.to_owned(), thousands(n as u64), part(median), part(p90), signed(bias)]
}

fn spreads(error: &Accuracy) -> String {
    let mut table = Table::new(&[&[("of", Align::Left)], &COLUMNS[..]].concat());
    table.row(cells("units", &error.units));
    table.row(cells("ten definitions", &error.definitions));
    table.row(cells("packages", &error.packages));
    table.row(cells("units of a program", &error.programs));
    table.render()
}

fn intervals(error: &Accuracy) -> String {
    let of_class = |i: usize| {
        let class = &error.unit_intervals[i];
        let name = match error.unit_intervals.get(i + 1) {
            Some(_) => format!("up to {}", bytes(class.up_to)),
            None => "larger".to_owned(),
        };
        format!("{name} {:+.0} % to {:+.0} %", 100.0 * (class.low - 1.0), 100.0 * (class.high - 1.0))
    };
    let classes: Vec<String> = (0..error.unit_intervals.len()).map(of_class).collect();
    format!(
        "  nine units in ten are off by: {}\n  intervals hold {} of units, {} of packages and {} of programs that they were not made from\n",
        classes.join("; "),
        part(error.unit_coverage),
        part(error.package_coverage),
        part(error.program_coverage)
    )
}

fn sections(error: &Accuracy) -> String {
    let mut table = Table::new(&[&[("section", Align::Left)], &COLUMNS[1..]].concat());
    for (section, spread) in &error.sections {
        let [name, _, median, p90, bias] = cells(section, spread);
        table.row([name, median, p90, bias]);
    }
    table.render()
}

fn packages(judged: &[Judged], top: usize) -> String {
    let mut packages: Vec<_> = by_package(judged).into_iter().collect();
    packages.sort_by_key(|&(name, (measured, estimated))| {
        (std::cmp::Reverse(measured.abs_diff(estimated)), name.as_str())
    });
    let columns = [
        ("package", Align::Left),
        ("units", Align::Right),
        ("measured", Align::Right),
        ("estimated", Align::Right),
        ("error", Align::Right),
        ("median unit", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for &(package, (measured, estimated)) in packages.iter().take(top) {
        let units: Vec<(u64, u64)> =
            judged.iter().filter(|unit| unit.package == package).map(Judged::bytes).collect();
        let spread = Spread::of(&units);
        table.row([
            package.to_string(),
            thousands(spread.n as u64),
            bytes(measured),
            bytes(estimated),
            signed(spread.bias),
            part(spread.median),
        ]);
    }
    let sum = packages.iter().fold((0, 0), |sum, (_, pair)| (sum.0 + pair.0, sum.1 + pair.1));
    let whole = Spread::of(&[sum]);
    table.total([
        "all".to_owned(),
        thousands(judged.len() as u64),
        bytes(sum.0),
        bytes(sum.1),
        signed(whole.bias),
        String::new(),
    ]);
    table.cut(top, packages.len());
    table.render()
}

fn part(value: f64) -> String {
    percent((value * 1e6).round() as u64, 1_000_000)
}

fn signed(value: f64) -> String {
    format!("{:+.1} %", 100.0 * value)
}
