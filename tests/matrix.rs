//! The matrix: one-page programs over installed libraries, linked by the real compiler and by us.
//!
//! Each `tests/matrix/*.ml` names its findlib packages in its first line. It is compiled and linked with
//! `ocamlfind ocamlopt` during the run; the units of the executable are compared with those that `unlith audit`
//! predicts. `tests/matrix.expected` holds the number of programs that must agree exactly, and by name those that do
//! not, each with its cause. The number only grows; `UNLITH_UPDATE=1` writes it.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use libtest_mimic::Arguments;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use support::executable;
use support::ocaml::{self, run_in};
use support::scratch::{Scratch, files_below};
use support::trials::{Outcome, compute, conclude, is_selected};
use support::unlith::{self, Audited};

/// The name of the test that holds the number of exact programs.
const RATCHET: &str = "matrix/number_of_exact_programs";

/// A program and the packages that it asks for.
struct Case {
    file: PathBuf,
    packages: Vec<String>,
}

/// The two ways in which links are found: what archives record counts, or the sources alone (units that ship no source
/// are read from their archives either way).
const READINGS: [(&str, &[&str]); 2] = [("archives", &[]), ("sources", &["--sources-only"])];

/// The linker's word beside ours.
struct Row {
    linked: Vec<String>,
    alloc: u64,
    /// In the order of [`PROFILES`]; none where the program cannot be linked so.
    profiles: Vec<Option<Lengths>>,
    /// In the order of [`READINGS`].
    readings: Vec<Reading>,
}

/// The kinds of executables, each with what the real linker is told for it.
const PROFILES: [(&str, &[&str]); 3] =
    [("pie", &["ocamlopt"]), ("static", &["ocamlopt", "-ccopt", "-static"]), ("bytecode", &["ocamlc"])];

/// Predicted and actual: allocated sections, stripped and unstripped file. For bytecode the stripped file stands for the first.
struct Lengths {
    predicted: [u64; 3],
    actual: [u64; 3],
}

impl Lengths {
    /// Predicted against actual bytes, in per cent.
    fn errors(&self) -> [f64; 3] {
        [0, 1, 2].map(|i| (self.predicted[i] as f64 / self.actual[i] as f64 - 1.0) * 100.0)
    }
    /// Allocated bytes within half a per cent, file lengths within one.
    fn is_within(&self) -> bool {
        let [alloc, stripped, unstripped] = self.errors();
        alloc.abs() <= 0.5 && stripped.abs() <= 1.0 && unstripped.abs() <= 1.0
    }
}

/// What one way of reading predicts.
struct Reading {
    audited: Audited,
    problems: BTreeSet<String>,
    missing: Vec<String>,
    extra: Vec<String>,
}

impl Reading {
    fn is_exact(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }
}

impl Row {
    /// Predicted against actual bytes, in per cent.
    fn alloc_error(&self) -> f64 {
        (self.readings[0].audited.alloc as f64 / self.alloc as f64 - 1.0) * 100.0
    }
}

/// A program that could not be compared.
enum Trouble {
    /// A package is not installed.
    NotInstalled(String),
    /// Something failed.
    Failed(String),
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
    let mut names: Vec<String> = cases.iter().map(|(name, _)| name.clone()).collect();
    names.push(RATCHET.to_owned());
    let rows = if arguments.list {
        BTreeMap::new()
    } else if let Err(reason) = ocaml::compiler() {
        let skipped =
            names.iter().map(|name| (name.clone(), Outcome::Skipped(format!("no OCaml here: {reason}"))));
        let skipped = skipped.collect();
        return conclude(&arguments, names, skipped);
    } else {
        compute(&arguments, &cases, |_, case| compare(case))
    };
    print_table(&rows);
    let outcomes = judge(&arguments, rows, cases.len());
    conclude(&arguments, names, outcomes)
}

fn cases() -> Vec<(String, Case)> {
    let dir = support::repository().join("tests/matrix");
    let files = files_below(&dir, &|path| path.extension().is_some_and(|extension| extension == "ml"));
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).expect("the programs of the matrix are readable");
            let header =
                text.lines().next().and_then(|line| line.strip_prefix("(* packages:")?.strip_suffix("*)"));
            let header = header
                .unwrap_or_else(|| panic!("{}: no (* packages: .. *) in the first line", file.display()));
            let packages = header.split_whitespace().map(str::to_owned).collect();
            let name = file.file_stem().expect("it has an extension").to_string_lossy().into_owned();
            (format!("matrix/{name}"), Case { file, packages })
        })
        .collect()
}

fn compare(case: &Case) -> Result<Row, Trouble> {
    let failed = |error: String| Trouble::Failed(error);
    let scratch = Scratch::new("matrix").map_err(|error| failed(error.to_string()))?;
    let executable = link(case, scratch.path(), &["ocamlopt"], "program.exe")?;
    let truth = executable::read(&executable).map_err(|error| failed(error.to_string()))?;
    let profiles = PROFILES.iter().map(|(profile, words)| lengths(case, scratch.path(), profile, words));
    let profiles = profiles.collect::<Result<_, _>>().map_err(failed)?;
    let mut readings = Vec::new();
    for (_, options) in READINGS {
        let packages = case.packages.iter().flat_map(|package| ["-p".to_owned(), package.clone()]);
        let mut arguments = vec![case.file.to_string_lossy().into_owned()];
        arguments.extend(options.iter().map(|&option| option.to_owned()));
        arguments.extend(packages);
        let audit = unlith::audit(scratch.path(), &arguments).map_err(failed)?;
        let [(_, audited)] = &audit.programs[..] else {
            return Err(Trouble::Failed(format!("audit: {} programs in place of one", audit.programs.len())));
        };
        let (missing, extra) = unlith::set_difference(&truth.linked, &audited.linked);
        readings.push(Reading { audited: audited.clone(), problems: audit.problems, missing, extra });
    }
    Ok(Row { linked: truth.linked, alloc: truth.alloc, profiles, readings })
}

/// Links the program in one profile, and predicts it from the object files that the compiler left.
fn lengths(case: &Case, dir: &Path, profile: &str, words: &[&str]) -> Result<Option<Lengths>, String> {
    let exe = format!("{profile}.exe");
    // Not every C library can be linked statically.
    let Ok(path) = link(case, dir, words, &exe) else { return Ok(None) };
    let whole = fs::metadata(&path).map_err(|error| error.to_string())?.len();
    let actual = if profile == "bytecode" {
        let stripped = without_debug(&fs::read(&path).map_err(|error| error.to_string())?);
        let stripped = stripped.ok_or("not the table of sections of a bytecode program")?;
        [stripped, stripped, whole]
    } else {
        run_in(dir, "strip", ["-o", "stripped", exe.as_str()])?;
        let stripped = fs::metadata(dir.join("stripped")).map_err(|error| error.to_string())?.len();
        let alloc = executable::read(&path).map_err(|error| error.to_string())?.alloc;
        [alloc, stripped, whole]
    };
    let file = case.file.file_name().expect("it is a file").to_string_lossy().into_owned();
    let mut arguments = vec![file, "--profile".to_owned(), profile.to_owned()];
    arguments.extend(case.packages.iter().flat_map(|package| ["-p".to_owned(), package.clone()]));
    let audit = unlith::audit(dir, &arguments)?;
    let [(_, audited)] = &audit.programs[..] else { return Err("audit: not one program".to_owned()) };
    Ok(Some(Lengths { predicted: [audited.alloc, audited.stripped, audited.unstripped], actual }))
}

/// The length of a bytecode program without its debugging events: the section and its entry in the table at the end.
fn without_debug(bytes: &[u8]) -> Option<u64> {
    let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let trailer = bytes.len().checked_sub(16)?;
    let table = trailer.checked_sub(8 * word(trailer)? as usize)?;
    let debug = (table..trailer).step_by(8).find(|&at| bytes.get(at..at + 4) == Some(b"DBUG"))?;
    Some(bytes.len() as u64 - u64::from(word(debug + 4)?) - 8)
}

/// Compiles and links the program as its author would.
fn link(case: &Case, dir: &Path, words: &[&str], exe: &str) -> Result<PathBuf, Trouble> {
    let name = case.file.file_name().expect("it is a file").to_string_lossy().into_owned();
    // Once: what one profile leaves must not look older than its source when the next one is predicted.
    if !dir.join(&name).exists() {
        fs::copy(&case.file, dir.join(&name)).map_err(|error| Trouble::Failed(error.to_string()))?;
    }
    let query = ["query", "-r", "-format", "%p"].into_iter().chain(case.packages.iter().map(String::as_str));
    let all = if case.packages.is_empty() { Ok(String::new()) } else { run_in(dir, "ocamlfind", query) };
    let all = all.map_err(|error| match error.lines().find(|line| line.contains("not found")) {
        Some(line) => Trouble::NotInstalled(line.trim().to_owned()),
        None => Trouble::Failed(error),
    })?;
    let packages = case.packages.join(",");
    let mut arguments = words.to_vec();
    arguments.extend(["-w", "-a", "-g"]);
    // The thread library is refused without it.
    if all.lines().any(|package| package == "threads" || package.starts_with("threads.")) {
        arguments.push("-thread");
    }
    if !packages.is_empty() {
        arguments.extend(["-package", &packages, "-linkpkg"]);
    }
    arguments.extend([name.as_str(), "-o", exe]);
    run_in(dir, "ocamlfind", arguments).map_err(Trouble::Failed)?;
    Ok(dir.join(exe))
}

fn print_table(rows: &BTreeMap<String, Result<Row, Trouble>>) {
    if rows.is_empty() {
        return;
    }
    let mut text = format!(
        "\n{:<24} {:>6} {:>9} {:>7} {:>5} {:>9} {:>7} {:>5} {:>9} {:>9} {:>8}\n",
        "program",
        "linked",
        "archives",
        "missing",
        "extra",
        "sources",
        "missing",
        "extra",
        "alloc",
        "predicted",
        "error"
    );
    for (name, row) in rows {
        let name = name.trim_start_matches("matrix/");
        let Ok(row) = row else {
            let _ = writeln!(text, "{name:<24} not compared");
            continue;
        };
        let _ = write!(text, "{name:<24} {:>6}", row.linked.len());
        for Reading { audited, missing, extra, .. } in &row.readings {
            let _ = write!(text, " {:>9} {:>7} {:>5}", audited.linked.len(), missing.len(), extra.len());
        }
        let predicted = &row.readings[0].audited;
        let is_exact = row.readings.iter().all(Reading::is_exact);
        let _ = writeln!(
            text,
            " {:>9} {:>9} {:>+7.2}%{}{}",
            row.alloc,
            predicted.alloc,
            row.alloc_error(),
            if predicted.is_measured { "" } else { " estimated" },
            if is_exact { " exact" } else { "" },
        );
        let _ = write!(text, "  sizes:");
        for ((profile, _), lengths) in PROFILES.iter().zip(&row.profiles) {
            let Some(lengths) = lengths else {
                let _ = write!(text, " {profile} not linked;");
                continue;
            };
            let [alloc, stripped, unstripped] = lengths.errors();
            let _ = write!(
                text,
                " {profile} {} {} {} ({alloc:+.2} {stripped:+.2} {unstripped:+.2} %{});",
                lengths.actual[0],
                lengths.actual[1],
                lengths.actual[2],
                if lengths.is_within() { "" } else { ", NOT WITHIN" }
            );
        }
        text.push('\n');
        for ((label, _), reading) in
            READINGS.iter().zip(&row.readings).filter(|(_, reading)| !reading.is_exact())
        {
            for (what, units) in [("missing", &reading.missing), ("extra", &reading.extra)] {
                if !units.is_empty() {
                    let shown = units.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(" ");
                    let more = if units.len() > 12 { " ..." } else { "" };
                    let _ = writeln!(text, "  {label}, {what}: {shown}{more}");
                }
            }
            let problems: Vec<&str> = reading.problems.iter().map(String::as_str).collect();
            let _ = writeln!(text, "  {label}, problems: {}", problems.join(" "));
        }
    }
    let compared: Vec<&Row> = rows.values().filter_map(|row| row.as_ref().ok()).collect();
    let n_exact = |at: usize| compared.iter().filter(|row| row.readings[at].is_exact()).count();
    let mut errors: Vec<f64> = compared.iter().map(|row| row.alloc_error().abs()).collect();
    errors.sort_by(f64::total_cmp);
    let quantile =
        |share: f64| errors.get(((errors.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or(0.0);
    let _ = writeln!(
        text,
        "{} programs; exact: {} with archives, {} from sources; alloc: median error {:.2} %, nine in ten within {:.2} %, worst {:.2} %",
        compared.len(),
        n_exact(0),
        n_exact(1),
        quantile(0.5),
        quantile(0.9),
        quantile(1.0)
    );
    println!("{text}");
}

fn judge(
    arguments: &Arguments,
    rows: BTreeMap<String, Result<Row, Trouble>>,
    n_cases: usize,
) -> BTreeMap<String, Outcome> {
    let file = support::repository().join("tests/matrix.expected");
    let recorded = Recorded::parse(&fs::read_to_string(&file).unwrap_or_default());
    let mut outcomes = BTreeMap::new();
    let mut n_compared = 0;
    let mut found = Recorded::default();
    for (name, row) in rows {
        let short = name.trim_start_matches("matrix/").to_owned();
        let outcome = match row {
            Err(Trouble::NotInstalled(what)) if ocaml::is_required() => Outcome::Failed(what),
            Err(Trouble::NotInstalled(what)) => Outcome::Skipped(what),
            Err(Trouble::Failed(message)) => Outcome::Failed(message),
            Ok(row) => {
                n_compared += 1;
                let new = found.add(&short, &row, &recorded);
                if new.is_empty() || support::is_update() {
                    Outcome::Passed
                } else {
                    Outcome::Failed(new.join("\n"))
                }
            }
        };
        outcomes.insert(name, outcome);
    }
    if n_compared == n_cases && is_selected(arguments, RATCHET) {
        outcomes.insert(RATCHET.to_owned(), recorded.judge_numbers(&file, &found));
    }
    outcomes
}

/// What `tests/matrix.expected` says.
#[derive(Default)]
struct Recorded {
    /// The number of exact programs by way of reading.
    n_exact: BTreeMap<String, usize>,
    /// Programs that do not agree (`name, reading`), with the cause.
    inexact: BTreeMap<String, String>,
}

impl Recorded {
    fn parse(text: &str) -> Self {
        let mut recorded = Self::default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            match (name.strip_prefix("exact, "), value.parse()) {
                (Some(label), Ok(number)) => drop(recorded.n_exact.insert(label.to_owned(), number)),
                _ => drop(recorded.inexact.insert(name.to_owned(), value.to_owned())),
            }
        }
        recorded
    }

    /// Counts a program; returns the differences that are not recorded.
    fn add(&mut self, name: &str, row: &Row, recorded: &Self) -> Vec<String> {
        let mut new = Vec::new();
        for ((profile, _), lengths) in PROFILES.iter().zip(&row.profiles) {
            let is_within = lengths.as_ref().is_some_and(Lengths::is_within);
            *self.n_exact.entry(format!("sizes, {profile}")).or_default() += usize::from(is_within);
        }
        for ((label, _), reading) in READINGS.iter().zip(&row.readings) {
            *self.n_exact.entry((*label).to_owned()).or_default() += usize::from(reading.is_exact());
            if !reading.is_exact() {
                let key = format!("{name}, {label}");
                let cause = recorded.inexact.get(&key).cloned().unwrap_or_else(|| {
                    let (missing, extra) = (reading.missing.join(" "), reading.extra.join(" "));
                    new.push(format!("{label}\n missing: {missing}\n extra: {extra}"));
                    "cause not yet known".to_owned()
                });
                self.inexact.insert(key, cause);
            }
        }
        new
    }

    /// Judges the numbers of exact programs, or writes them.
    fn judge_numbers(&self, file: &Path, found: &Self) -> Outcome {
        if support::is_update() {
            let mut text =
                "# Written by UNLITH_UPDATE=1 cargo test --test matrix; causes are added by hand.\n"
                    .to_owned();
            for (label, n_exact) in &found.n_exact {
                let _ = writeln!(text, "exact, {label}: {n_exact}");
            }
            for (name, cause) in &found.inexact {
                let _ = writeln!(text, "{name}: {cause}");
            }
            return match fs::write(file, text) {
                Ok(()) => Outcome::Passed,
                Err(error) => Outcome::Failed(error.to_string()),
            };
        }
        let mut worse = Vec::new();
        for (label, n_exact) in &found.n_exact {
            let before = self.n_exact.get(label).copied().unwrap_or(0);
            if *n_exact > before {
                println!(
                    "{n_exact} programs exact by {label}, {before} recorded: raise it with UNLITH_UPDATE=1\n"
                );
            } else if *n_exact < before {
                worse.push(format!("{n_exact} programs exact by {label}, {before} recorded"));
            }
        }
        if worse.is_empty() { Outcome::Passed } else { Outcome::Failed(worse.join("\n")) }
    }
}
