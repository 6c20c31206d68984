//! Links of units, for every installed library that ships sources: ours against the compiler's.
//!
//! `unlith graph --sources-only --level unit` of all installed packages at once is compared with what their archives record
//! (`imports_cmx`, by `ocamlobjinfo`). `tests/links.expected` holds the number of units compared and, for each package
//! that is not exact, the links missing and in excess, and the units where a link is missing and no name without a
//! meaning or part that does not parse says so (`silent`): none of them may get worse. `UNLITH_UPDATE=1` writes it.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use libtest_mimic::Arguments;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use support::installed::recorded_by_archives;
use support::ocaml::{self, run_in};
use support::trials::{Outcome, conclude};
use support::unlith;

/// The name of the test that holds the number of units compared.
const COVERAGE: &str = "links/number_of_units";

/// The comparison for one package.
#[derive(Default)]
struct Row {
    n_units: usize,
    n_exact: usize,
    n_edges: usize,
    /// `Unit -> unit it links`, by the compiler and not by us.
    missing: Vec<String>,
    /// By us and not by the compiler.
    extra: Vec<String>,
    /// Units with a link missing that no problem points at.
    silent: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // The packages of another machine are others: the tests are named by those that are listed.
    let recorded = Recorded::parse(&fs::read_to_string(expected_file()).unwrap_or_default());
    if let Err(reason) = ocaml::compiler() {
        let outcomes = [(COVERAGE.to_owned(), Outcome::Skipped(format!("no OCaml here: {reason}")))].into();
        return conclude(&arguments, vec![COVERAGE.to_owned()], outcomes);
    }
    let rows = if arguments.list { Ok(BTreeMap::new()) } else { compare() };
    let rows = match rows {
        Ok(rows) => rows,
        Err(message) => {
            let outcomes = [(COVERAGE.to_owned(), Outcome::Failed(message))].into();
            return conclude(&arguments, vec![COVERAGE.to_owned()], outcomes);
        }
    };
    print_table(&rows);
    let outcomes = judge(&rows, &recorded);
    let names = outcomes.keys().cloned().collect();
    conclude(&arguments, names, outcomes)
}

fn expected_file() -> std::path::PathBuf {
    support::repository().join("tests/links.expected")
}

fn compare() -> Result<BTreeMap<String, Row>, String> {
    let here = Path::new(".");
    let list = run_in(here, "ocamlfind", ["list"])?;
    let packages: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let truth = recorded_by_archives(&packages)?;
    // Packages without an archive may only point to others, which need not be installed.
    let with_archive: BTreeSet<&str> = truth.keys().map(|(package, _)| package.as_str()).collect();
    let asked: Vec<&str> = packages.into_iter().filter(|package| with_archive.contains(package)).collect();
    let arguments = ["graph", "--sources-only", "--level", "unit", "--quiet", "-p", &asked.join(",")];
    let text = unlith::run(here, arguments)?;
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for line in text.lines() {
        let unit = unlith::UnitLinks::parse(line)?;
        let Some(truth) = truth.get(&(unit.library.clone(), unit.name.clone())).filter(|_| unit.has_source)
        else {
            continue;
        };
        let row = rows.entry(unit.library).or_default();
        row.n_units += 1;
        row.n_edges += truth.len();
        row.n_exact += usize::from(*truth == unit.links);
        if truth.difference(&unit.links).next().is_some() && !unit.has_problem {
            row.silent.push(unit.name.clone());
        }
        row.missing.extend(truth.difference(&unit.links).map(|used| format!("{} -> {used}", unit.name)));
        row.extra.extend(unit.links.difference(truth).map(|used| format!("{} -> {used}", unit.name)));
    }
    Ok(rows)
}

fn print_table(rows: &BTreeMap<String, Row>) {
    if rows.is_empty() {
        return;
    }
    let mut text = format!(
        "\n{:<34} {:>6} {:>6} {:>6} {:>8} {:>6}\n",
        "package", "units", "exact", "links", "missing", "extra"
    );
    let mut total = Row::default();
    for (package, row) in rows {
        if row.n_exact < row.n_units {
            let _ = writeln!(text, "{}", row.render(package));
            let kinds =
                [("missing", &row.missing), ("extra", &row.extra), ("missing, no problem", &row.silent)];
            for (what, edges) in kinds {
                for edge in edges.iter().take(8) {
                    let _ = writeln!(text, "    {what}: {edge}");
                }
            }
        }
        total.n_units += row.n_units;
        total.n_exact += row.n_exact;
        total.n_edges += row.n_edges;
        total.missing.extend(row.missing.iter().cloned());
        total.extra.extend(row.extra.iter().cloned());
        total.silent.extend(row.silent.iter().cloned());
    }
    let n_exact = rows.values().filter(|row| row.n_exact == row.n_units).count();
    let n_found = (total.n_edges - total.missing.len()) as f64;
    let _ = writeln!(text, "{}", total.render(&format!("all {} packages ({n_exact} exact)", rows.len())));
    let _ = writeln!(
        text,
        "precision {:.4}, recall {:.4}; {} units with a link missing that no problem points at",
        n_found / (n_found + total.extra.len() as f64),
        n_found / total.n_edges.max(1) as f64,
        total.silent.len()
    );
    println!("{text}");
}

impl Row {
    fn render(&self, name: &str) -> String {
        let Self { n_units, n_exact, n_edges, missing, extra, .. } = self;
        format!("{name:<34} {n_units:>6} {n_exact:>6} {n_edges:>6} {:>8} {:>6}", missing.len(), extra.len())
    }
}

/// What `tests/links.expected` says.
#[derive(Default)]
struct Recorded {
    n_units: usize,
    /// Links missing and in excess, and units with a link missing and no problem, by package.
    inexact: BTreeMap<String, (usize, usize, usize)>,
}

impl Recorded {
    fn parse(text: &str) -> Self {
        let mut recorded = Self::default();
        for (name, value) in
            text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "))
        {
            let number =
                |word: &str| value.split(", ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
            if name == "units" {
                recorded.n_units = value.parse().unwrap_or(0);
            } else {
                let counts = ["missing", "extra", "silent"].map(|word| number(word).unwrap_or(0));
                let counts = (counts[0], counts[1], counts[2]);
                recorded.inexact.insert(name.to_owned(), counts);
            }
        }
        recorded
    }
}

fn judge(rows: &BTreeMap<String, Row>, recorded: &Recorded) -> BTreeMap<String, Outcome> {
    let n_units: usize = rows.values().map(|row| row.n_units).sum();
    if support::is_update() {
        let mut text = "# Written by UNLITH_UPDATE=1 cargo test --test links.\n".to_owned();
        let _ = writeln!(text, "units: {n_units}");
        for (package, row) in rows.iter().filter(|(_, row)| row.n_exact < row.n_units) {
            let counts = (row.missing.len(), row.extra.len(), row.silent.len());
            let _ =
                writeln!(text, "{package}: {} missing, {} extra, {} silent", counts.0, counts.1, counts.2);
        }
        let written = fs::write(expected_file(), text);
        let outcome = written.map_or_else(|error| Outcome::Failed(error.to_string()), |()| Outcome::Passed);
        return [(COVERAGE.to_owned(), outcome)].into();
    }
    let mut outcomes = BTreeMap::new();
    for (package, row) in rows {
        let (missing, extra, silent) = recorded.inexact.get(package).copied().unwrap_or((0, 0, 0));
        let is_worse = row.missing.len() > missing || row.extra.len() > extra || row.silent.len() > silent;
        let message = || {
            let list = |edges: &[String]| edges.join(", ");
            let (missing, extra, silent) = (list(&row.missing), list(&row.extra), list(&row.silent));
            format!("missing: {missing}\nextra: {extra}\nmissing, and no problem says so: {silent}")
        };
        let outcome = if is_worse { Outcome::Failed(message()) } else { Outcome::Passed };
        outcomes.insert(format!("links/{package}"), outcome);
    }
    let coverage = match n_units.cmp(&recorded.n_units) {
        std::cmp::Ordering::Less if ocaml::is_required() => {
            Outcome::Failed(format!("{n_units} units compared, {} recorded", recorded.n_units))
        }
        std::cmp::Ordering::Less => {
            Outcome::Skipped(format!("{n_units} of {} units are installed", recorded.n_units))
        }
        _ => Outcome::Passed,
    };
    outcomes.insert(COVERAGE.to_owned(), coverage);
    outcomes
}
