//! Code that rewriters make: small files, each compiled with the rewriters that its first line names, against what the
//! compiler then has.
//!
//! `tests/rewriters/*.ml` are read by us as they stand. The typed tree and the object file that the compiler makes of the
//! rewritten text say what is defined, what refers to what, and which units are linked. Links must be exact;
//! `tests/rewriters.expected` holds what is known to be missed and wrong otherwise, and none of it may get worse.
//! `UNLITH_UPDATE=1` writes it. `UNLITH_SHOW=1` prints the differences.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use libtest_mimic::Arguments;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use support::ocaml::{self, recorded_links, run_in};
use support::score::{Definitions, Score, score};
use support::scratch::{Scratch, files_below};
use support::trials::{Outcome, conclude, is_selected};
use support::typed_trees::{self, Reader};
use support::unlith;

/// One file, compared.
struct Row {
    score: Score,
    missing: Vec<String>,
    extra: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let files = files_below(&support::repository().join("tests/rewriters"), &|path| {
        path.extension().is_some_and(|extension| extension == "ml")
    });
    let names: Vec<String> = files.iter().map(|file| format!("rewriters/{}", stem(file))).collect();
    let mut outcomes = BTreeMap::new();
    if !arguments.list {
        let recorded = recorded();
        let reader = ocaml::compiler().and_then(|_| Reader::build());
        let mut text = "# Written by UNLITH_UPDATE=1 cargo test --test rewriters.\n".to_owned();
        for (name, file) in names.iter().zip(&files).filter(|(name, _)| is_selected(&arguments, name)) {
            let row = reader.as_ref().map_err(Clone::clone).and_then(|reader| compare(file, reader));
            let outcome = match row {
                Err(message) => not_compared(message),
                Ok(row) => {
                    show(name, &row);
                    let counts = counts(&row);
                    let list: Vec<String> =
                        counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
                    if !list.is_empty() {
                        let _ = writeln!(text, "{}: {}", stem(file), list.join(", "));
                    }
                    judge(&row, &counts, recorded.get(&stem(file)))
                }
            };
            outcomes.insert(name.clone(), outcome);
        }
        if support::is_update() && outcomes.values().all(|outcome| !matches!(outcome, Outcome::Skipped(_))) {
            fs::write(expected_file(), text).expect("the repository can be written to");
        }
    }
    conclude(&arguments, names, outcomes)
}

fn stem(file: &Path) -> String {
    file.file_stem().expect("it is a file").to_string_lossy().into_owned()
}

fn expected_file() -> PathBuf {
    support::repository().join("tests/rewriters.expected")
}

/// Nothing is compared where there is no compiler, or not the rewriter; elsewhere something failed.
fn not_compared(message: String) -> Outcome {
    let is_absent = ocaml::compiler().is_err() || message.contains("not found");
    if is_absent && !ocaml::is_required() { Outcome::Skipped(message) } else { Outcome::Failed(message) }
}

fn compare(file: &Path, reader: &Reader) -> Result<Row, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let packages =
        text.lines().next().and_then(|line| line.strip_prefix("(* packages: ")?.strip_suffix(" *)"));
    let packages = packages.ok_or("the first line does not name packages")?.replace(' ', ",");
    let scratch = Scratch::new("rewriters").map_err(|error| error.to_string())?;
    let dir = scratch.path();
    let source = format!("{}.ml", stem(file));
    fs::write(dir.join(&source), &text).map_err(|error| error.to_string())?;
    let options = ["ocamlopt", "-w", "-a", "-bin-annot", "-package", &packages, "-c", &source];
    run_in(dir, "ocamlfind", options)?;
    let query = ["query", "-r", "-format", "%d"].into_iter().chain(packages.split(','));
    let dirs: Vec<PathBuf> = run_in(dir, "ocamlfind", query)?.lines().map(PathBuf::from).collect();
    let truth = reader.read(&dirs, &[dir.join(&source).with_extension("cmt")])?;
    let [truth] = truth.as_slice() else { return Err("not one typed tree".to_owned()) };
    let records = recorded_links(&[dir.join(&source).with_extension("cmx")])?;
    let records: BTreeSet<String> = records.into_values().flatten().collect();

    let ours = unlith::run(dir, ["graph", "--sources-only", "--quiet", &source, "-p", &packages])?;
    let links: Vec<unlith::UnitLinks> =
        ours.lines().map(unlith::UnitLinks::parse).collect::<Result<_, _>>()?;
    let links =
        links.into_iter().find(|unit| unit.name == truth.unit).ok_or("the unit is not in the graph")?;
    let ours = typed_trees::parse(&ours)?;
    let ours = ours.iter().find(|unit| unit.unit == truth.unit).ok_or("the unit is not in the graph")?;
    Ok(Row {
        score: score(truth, ours, &Definitions::new([truth])),
        missing: records.difference(&links.links).cloned().collect(),
        extra: links.links.difference(&records).cloned().collect(),
    })
}

fn show(name: &str, row: &Row) {
    let Score { defs, edges, derived, .. } = &row.score;
    println!(
        "{name}: definitions {} of {}, edges F1 {:.4}, derived edges {} of {}; links missing {:?}, extra {:?}",
        defs.found,
        defs.found + defs.missed,
        edges.f1(),
        derived.found,
        derived.found + derived.missed,
        row.missing,
        row.extra
    );
    if std::env::var_os("UNLITH_SHOW").is_some() {
        row.score.differences.iter().for_each(|difference| println!("    {difference}"));
    }
}

/// What is missed and wrong.
type Counts = BTreeMap<String, usize>;

fn counts(row: &Row) -> Counts {
    let parts =
        [("definitions", row.score.defs), ("edges", row.score.edges), ("derived edges", row.score.derived)];
    let counts = parts.into_iter().flat_map(|(what, tally)| {
        [(format!("{what} missed"), tally.missed), (format!("{what} wrong"), tally.wrong)]
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

fn recorded() -> BTreeMap<String, Counts> {
    let text = fs::read_to_string(expected_file()).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "));
    let words = |text: &str| {
        let words = text.split(", ").filter_map(|part| part.rsplit_once(' '));
        words.filter_map(|(what, count)| Some((what.to_owned(), count.parse().ok()?))).collect()
    };
    lines.map(|(case, counts)| (case.to_owned(), words(counts))).collect()
}

fn judge(row: &Row, counts: &Counts, recorded: Option<&Counts>) -> Outcome {
    if !row.missing.is_empty() || !row.extra.is_empty() {
        return Outcome::Failed(format!("links missing {:?}, in excess {:?}", row.missing, row.extra));
    }
    if support::is_update() {
        return Outcome::Passed;
    }
    let before = |what: &String| recorded.and_then(|counts| counts.get(what)).copied().unwrap_or(0);
    let worse: Vec<String> = counts
        .iter()
        .filter(|&(what, &count)| count > before(what))
        .map(|(what, count)| format!("{what}: {count}, recorded {}", before(what)))
        .collect();
    match worse.is_empty() {
        true => Outcome::Passed,
        false => Outcome::Failed(format!("{}\n{}", worse.join("\n"), row.score.differences.join("\n"))),
    }
}
