//! What names mean, for every installed library that ships sources and typed trees: ours against the compiler's.
//!
//! The table that this prints says all that is known of each package: definitions and edges with precision and recall, links
//! of its units against what its archives record, how many programs of the matrix that require it have exact linked sets,
//! and the names without a meaning by reason.
//!
//! `unlith graph --sources-only --level definition` of all installed packages at once is compared with what the compiler left
//! in `.cmt` files (`support/score.rs` says how). `tests/names.expected` holds the number of units compared and, for each
//! package, what is missed and wrong: none of it may get worse. `UNLITH_UPDATE=1` writes it. `UNLITH_SHOW=N` prints the first
//! N differences of each package that the command line selects.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use libtest_mimic::Arguments;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use support::installed::{linked_sets, recorded_by_archives};
use support::ocaml::{self, run_in};
use support::score::{Definitions, Score, Tally, score};
use support::trials::{Outcome, conclude, is_selected};
use support::typed_trees::{self, Reader, UnitFacts};
use support::unlith;

/// The name of the test that holds the number of units compared.
const COVERAGE: &str = "names/number_of_units";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let outcomes = match (ocaml::compiler(), arguments.list) {
        (Err(reason), _) => {
            [(COVERAGE.to_owned(), Outcome::Skipped(format!("no OCaml here: {reason}")))].into()
        }
        (Ok(_), true) => BTreeMap::new(),
        (Ok(compiler), false) => match compare(&compiler.stdlib) {
            Ok(rows) => {
                print_table(&rows);
                print_differences(&arguments, &rows);
                judge(&rows, &recorded())
            }
            Err(message) => [(COVERAGE.to_owned(), Outcome::Failed(message))].into(),
        },
    };
    let mut names: Vec<String> = outcomes.keys().cloned().collect();
    if names.is_empty() {
        names = recorded().into_keys().map(test_name).chain([COVERAGE.to_owned()]).collect();
    }
    conclude(&arguments, names, outcomes)
}

fn test_name(package: String) -> String {
    format!("names/{package}")
}

/// What is known of one package.
#[derive(Default)]
struct Package {
    score: Score,
    links: Links,
    /// Programs of the matrix that require it: those whose linked set is exact, and all.
    linked_sets: (usize, usize),
}

/// Units and links, ours against the archives.
#[derive(Clone, Copy, Default)]
struct Links {
    units: usize,
    exact: usize,
    found: usize,
    missing: usize,
    extra: usize,
}

// -------------------------------------------------------------------- the comparison

fn compare(stdlib: &str) -> Result<BTreeMap<String, Package>, String> {
    let here = Path::new(".");
    let dirs = package_dirs(stdlib)?;
    let packages: Vec<&str> = dirs.keys().map(String::as_str).collect();
    let arguments = ["graph", "--sources-only", "--quiet", "-p", &packages.join(",")];
    let text = unlith::run(here, arguments)?;
    let links = links(&text, &packages)?;
    let linked_sets = linked_sets()?;
    let ours = typed_trees::parse(&text)?;
    let mut files: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for unit in ours.iter().filter(|unit| unit.has_implementation()) {
        let Some(dir) = dirs.get(&unit.library) else { continue };
        if let Some(file) = typed_tree(dir, &unit.unit) {
            files.entry(&unit.library).or_default().push(file);
        }
    }
    let reader = Reader::build()?;
    let read = |(package, files): (&&str, &Vec<PathBuf>)| {
        let units = reader.read(&dependencies(package, &dirs[*package]), files)?;
        // Where a path is not normalised the tree is no truth.
        let units = units.into_iter().filter(|unit| unit.env_failures == 0).collect();
        Ok(((*package).to_owned(), units))
    };
    let truth: BTreeMap<String, Vec<UnitFacts>> =
        files.par_iter().map(read).collect::<Result<_, String>>()?;
    let known = Definitions::new(truth.values().flatten());
    let ours: HashMap<(&str, &str), &UnitFacts> =
        ours.iter().map(|unit| ((unit.library.as_str(), unit.unit.as_str()), unit)).collect();
    let mut rows = BTreeMap::new();
    for (package, units) in &truth {
        let mut row = Score::default();
        for unit in units {
            row.add(score(unit, ours[&(package.as_str(), unit.unit.as_str())], &known));
        }
        let links = links.get(package).copied().unwrap_or_default();
        let linked_sets = linked_sets.get(package).copied().unwrap_or_default();
        rows.insert(package.clone(), Package { score: row, links, linked_sets });
    }
    Ok(rows)
}

/// Compares the links of units with what archives record, by package.
fn links(text: &str, packages: &[&str]) -> Result<BTreeMap<String, Links>, String> {
    let truth = recorded_by_archives(packages)?;
    let mut rows: BTreeMap<String, Links> = BTreeMap::new();
    for line in text.lines() {
        let unit = unlith::UnitLinks::parse(line)?;
        let recorded = truth.get(&(unit.library.clone(), unit.name.clone()));
        let Some(recorded) = recorded.filter(|_| unit.has_source) else { continue };
        let row = rows.entry(unit.library).or_default();
        row.units += 1;
        row.exact += usize::from(*recorded == unit.links);
        row.found += recorded.intersection(&unit.links).count();
        row.missing += recorded.difference(&unit.links).count();
        row.extra += unit.links.difference(recorded).count();
    }
    Ok(rows)
}

/// Returns the directories of the packages that have an archive. Others may only point to packages that are not installed.
fn package_dirs(stdlib: &str) -> Result<BTreeMap<String, PathBuf>, String> {
    let here = Path::new(".");
    let list = run_in(here, "ocamlfind", ["list"])?;
    let packages = list.lines().filter_map(|line| line.split_whitespace().next());
    let query = ["query", "-predicates", "native,mt,mt_posix", "-format", "%p|%d|%A"];
    let text = run_in(here, "ocamlfind", query.into_iter().chain(packages))?;
    let mut dirs: BTreeMap<String, PathBuf> = [("stdlib".to_owned(), PathBuf::from(stdlib))].into();
    for line in text.lines() {
        let mut fields = line.split('|');
        if let (Some(package), Some(dir), Some(archives)) = (fields.next(), fields.next(), fields.next())
            && !archives.is_empty()
        {
            dirs.insert(package.to_owned(), PathBuf::from(dir));
        }
    }
    Ok(dirs)
}

/// Returns the directories whose interfaces the package's trees refer to.
fn dependencies(package: &str, dir: &Path) -> Vec<PathBuf> {
    // The standard library is no package; others may name packages that are not there.
    let text = run_in(Path::new("."), "ocamlfind", ["query", "-r", "-format", "%d", package]);
    let mut dirs: Vec<PathBuf> = text.iter().flat_map(|text| text.lines()).map(PathBuf::from).collect();
    dirs.push(dir.join(".private"));
    dirs.retain(|dir| dir.exists());
    dirs
}

fn typed_tree(dir: &Path, unit: &str) -> Option<PathBuf> {
    let mut chars = unit.chars();
    let lower = chars.next()?.to_ascii_lowercase().to_string() + chars.as_str();
    let places = [dir.join(&lower), dir.join(unit), dir.join(".private").join(&lower)];
    places.into_iter().map(|place| place.with_extension("cmt")).find(|file| file.exists())
}

// -------------------------------------------------------------------- the table

fn print_table(rows: &BTreeMap<String, Package>) {
    let mut text = format!(
        "\n{:<32} {:>5} {:>6} {:>7} {:>7} {:>7} {:>7} {:>15} {:>15} {:>21} {:>11} {:>7} {:>7} {:>11}  unresolved\n",
        "package",
        "units",
        "defs",
        "edges",
        "prec.",
        "recall",
        "F1",
        "derived: recall",
        "types: F1",
        "members: recall, amb.",
        "links exact",
        "missing",
        "extra",
        "linked sets"
    );
    let mut all = Package::default();
    for (package, row) in rows {
        let _ = writeln!(text, "{}", render(package, row));
        all.score.add(row.score.clone());
        for (sum, count) in [
            (&mut all.links.units, row.links.units),
            (&mut all.links.exact, row.links.exact),
            (&mut all.links.found, row.links.found),
            (&mut all.links.missing, row.links.missing),
            (&mut all.links.extra, row.links.extra),
        ] {
            *sum += count;
        }
    }
    // Every program links the standard library.
    all.linked_sets = rows.get("stdlib").map_or((0, 0), |row| row.linked_sets);
    let n_good = rows.values().filter(|row| row.score.edges.f1() >= 0.97).count();
    let _ = writeln!(text, "{}", render(&format!("all {} packages", rows.len()), &all));
    let _ = writeln!(text, "{n_good} of {} packages with F1 of at least 0.97", rows.len());
    let Links { found, missing, extra, .. } = all.links;
    let part = |of: usize| found as f64 / (found + of).max(1) as f64;
    let _ = writeln!(text, "links: precision {:.4}, recall {:.4}", part(extra), part(missing));
    println!("{text}");
}

fn render(name: &str, row: &Package) -> String {
    let Package { score: row, links, linked_sets } = row;
    let total = |tally: Tally| tally.found + tally.missed;
    let edges = row.edges;
    let unresolved: Vec<String> =
        row.unresolved.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    let of = |(part, all): (usize, usize)| if all == 0 { "-".to_owned() } else { format!("{part}/{all}") };
    format!(
        "{name:<32} {:>5} {:>6} {:>7} {:>7.4} {:>7.4} {:>7.4} {:>8} {} {:>8} {} {:>8} {} {:>4.1} % {:>11} {:>7} {:>7} {:>11}  {}",
        row.units,
        total(row.defs),
        total(edges),
        edges.precision(),
        edges.recall(),
        edges.f1(),
        total(row.derived),
        rate(row.derived.recall(), total(row.derived)),
        total(row.types),
        rate(row.types.f1(), total(row.types)),
        total(row.parts),
        rate(row.parts.recall(), total(row.parts)),
        100.0 * row.ambiguous as f64 / total(row.parts).max(1) as f64,
        of((links.exact, links.units)),
        links.missing,
        links.extra,
        of(*linked_sets),
        unresolved.join(", ")
    )
}

fn rate(value: f64, of: usize) -> String {
    if of == 0 { "     -".to_owned() } else { format!("{value:.4}") }
}

fn print_differences(arguments: &Arguments, rows: &BTreeMap<String, Package>) {
    let Some(shown) = std::env::var("UNLITH_SHOW").ok().and_then(|text| text.parse::<usize>().ok()) else {
        return;
    };
    for (package, row) in
        rows.iter().filter(|(package, _)| is_selected(arguments, &test_name((*package).clone())))
    {
        for difference in row.score.differences.iter().take(shown) {
            println!("{package}: {difference}");
        }
    }
}

// -------------------------------------------------------------------- what has been reached

fn expected_file() -> PathBuf {
    support::repository().join("tests/names.expected")
}

/// What is known to be missed and wrong, by package; `units` is the number of all units.
type Counts = BTreeMap<String, usize>;

fn recorded() -> BTreeMap<String, Counts> {
    let text = fs::read_to_string(expected_file()).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "));
    lines.map(|(package, counts)| (package.to_owned(), parse_counts(counts))).collect()
}

fn parse_counts(text: &str) -> Counts {
    let words = text.split(", ").filter_map(|part| part.rsplit_once(' '));
    words.filter_map(|(what, count)| Some((what.to_owned(), count.parse().ok()?))).collect()
}

fn counts(row: &Score) -> Counts {
    let mut counts = Counts::new();
    for (what, tally) in [
        ("definitions", row.defs),
        ("edges", row.edges),
        ("derived edges", row.derived),
        ("types", row.types),
        ("members", row.parts),
    ] {
        counts.insert(format!("{what} missed"), tally.missed);
        counts.insert(format!("{what} wrong"), tally.wrong);
    }
    counts.retain(|_, count| *count > 0);
    counts
}

fn judge(rows: &BTreeMap<String, Package>, recorded: &BTreeMap<String, Counts>) -> BTreeMap<String, Outcome> {
    let n_units: usize = rows.values().map(|row| row.score.units).sum();
    if support::is_update() {
        return [(COVERAGE.to_owned(), write(rows, n_units))].into();
    }
    let mut outcomes = BTreeMap::new();
    for (package, row) in rows {
        let before = recorded.get(package);
        let row = &row.score;
        let worse: Vec<String> = counts(row)
            .into_iter()
            .map(|(what, count)| {
                (before.and_then(|before| before.get(&what)).copied().unwrap_or(0), what, count)
            })
            .filter(|(before, _, count)| count > before)
            .map(|(before, what, count)| format!("{what}: {count}, recorded {before}"))
            .collect();
        let outcome = if worse.is_empty() {
            Outcome::Passed
        } else {
            let first: Vec<&str> = row.differences.iter().take(40).map(String::as_str).collect();
            Outcome::Failed(format!("{}\n{}", worse.join("\n"), first.join("\n")))
        };
        outcomes.insert(test_name(package.clone()), outcome);
    }
    let before = recorded.get("all packages").and_then(|counts| counts.get("units")).copied().unwrap_or(0);
    let coverage = match n_units < before {
        true if ocaml::is_required() => {
            Outcome::Failed(format!("{n_units} units compared, {before} recorded"))
        }
        true => Outcome::Skipped(format!("{n_units} of {before} units are installed")),
        false => Outcome::Passed,
    };
    outcomes.insert(COVERAGE.to_owned(), coverage);
    outcomes
}

fn write(rows: &BTreeMap<String, Package>, n_units: usize) -> Outcome {
    let mut text = "# Written by UNLITH_UPDATE=1 cargo test --test names.\n".to_owned();
    let _ = writeln!(text, "all packages: units {n_units}");
    for (package, row) in rows {
        let counts: Vec<String> =
            counts(&row.score).iter().map(|(what, count)| format!("{what} {count}")).collect();
        if !counts.is_empty() {
            let _ = writeln!(text, "{package}: {}", counts.join(", "));
        }
    }
    fs::write(expected_file(), text)
        .map_or_else(|error| Outcome::Failed(error.to_string()), |()| Outcome::Passed)
}
