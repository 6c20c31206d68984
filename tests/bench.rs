//! The bench: proposals for real libraries and for the corpus, applied, built and measured.
//!
//! Each `tests/bench/*.ml` is a client; its first two lines name the findlib packages that it links and the libraries that may
//! be changed for it. Clients of the same libraries share a dune workspace, which is made during the run from the installed
//! sources; each client's output, as it is before anything changes, is a test of that workspace. `unlith verify` then tries
//! every proposal, and all that hold together.
//!
//! `tests/bench.expected` holds what must not get worse; `UNLITH_UPDATE=1` writes it. `UNLITH_BENCH=all` also tries the corpus
//! projects that are left out otherwise; `UNLITH_BENCH_KEEP=DIR` leaves a copy of each workspace there.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use ::unlith::base::{Idx, LibraryId};
use ::unlith::project::{Content, LoadOptions, Project, load_installed, vendor};
use libtest_mimic::Arguments;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use support::ocaml::{self, run_in};
use support::scratch::{Scratch, copy_tree};
use support::trials::{Outcome, compute, conclude};
use support::{is_update, unlith};

/// The name of the test that holds the figures.
const RATCHET: &str = "bench/figures";

/// Corpus projects with something to split.
const CORPUS: [&str; 4] =
    ["weather_station", "facade_sealed", "facade_spells_out_tables", "three_readings_in_one_unit"];

/// A client program.
#[derive(Clone, Debug)]
struct Client {
    name: String,
    packages: Vec<String>,
    text: String,
}

/// What is tried in one workspace.
enum Case {
    Clients { vendored: Vec<String>, clients: Vec<Client> },
    Corpus(PathBuf),
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
    let names: Vec<String> = cases.iter().map(|(name, _)| name.clone()).chain([RATCHET.to_owned()]).collect();
    let reason = ocaml::compiler().err();
    let results: BTreeMap<String, Result<Value, String>> = match &reason {
        None => compute(&arguments, &cases, verify),
        Some(_) => BTreeMap::new(),
    };
    let is_whole = results.len() == cases.len();
    let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
    let mut figures = Figures::default();
    for (name, result) in &results {
        let outcome = match result {
            Ok(verdict) => {
                print!("{}", show(name, verdict));
                figures.add(verdict);
                Outcome::Passed
            }
            Err(message) => {
                // How many may fail is among the figures.
                figures.n_broken += 1;
                println!("{name}\n  failed: {}", message.lines().take(6).collect::<Vec<_>>().join("\n  "));
                if is_whole { Outcome::Passed } else { Outcome::Failed(message.clone()) }
            }
        };
        outcomes.insert(name.clone(), outcome);
    }
    if !results.is_empty() {
        print!("{}", figures.table());
    }
    let ratchet = match &reason {
        Some(reason) => Outcome::Skipped(reason.clone()),
        None if is_whole => figures.ratchet(),
        None => Outcome::Skipped("not all cases were selected".to_owned()),
    };
    outcomes.insert(RATCHET.to_owned(), ratchet);
    if let Some(reason) = reason {
        for (name, _) in &cases {
            outcomes.insert(name.clone(), Outcome::Skipped(reason.clone()));
        }
    }
    conclude(&arguments, names, outcomes)
}

fn cases() -> Vec<(String, Case)> {
    let dir = support::repository().join("tests/bench");
    let mut groups: BTreeMap<Vec<String>, Vec<Client>> = BTreeMap::new();
    let mut files: Vec<PathBuf> = fs::read_dir(&dir)
        .expect("the clients lie in tests/bench")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ml"))
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).expect("clients can be read");
        let list = |key: &str| -> Vec<String> {
            let start = format!("(* {key}: ");
            let line = text.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix(" *)"));
            let line = line.unwrap_or_else(|| panic!("{} has no line `{start}...`", file.display()));
            line.split(',').map(|name| name.trim().to_owned()).collect()
        };
        let name = file.file_stem().expect("files have names").to_string_lossy().into_owned();
        let (packages, vendored) = (list("packages"), list("vendored"));
        groups.entry(vendored).or_default().push(Client { name, packages, text });
    }
    let clients = groups
        .into_iter()
        .map(|(vendored, clients)| (format!("bench/{}", vendored[0]), Case::Clients { vendored, clients }));
    let corpus = CORPUS.iter().map(|name| {
        (format!("bench/corpus/{name}"), Case::Corpus(support::repository().join("corpus").join(name)))
    });
    clients.chain(corpus).collect()
}

/// Makes the workspace and runs `unlith verify` on it.
fn verify(name: &str, case: &Case) -> Result<Value, String> {
    let scratch = Scratch::new("bench").map_err(|error| error.to_string())?;
    match case {
        Case::Clients { vendored, clients } => workspace(scratch.path(), vendored, clients)?,
        Case::Corpus(dir) => copy_tree(dir, scratch.path()).map_err(|error| error.to_string())?,
    }
    if let Some(dir) = std::env::var_os("UNLITH_BENCH_KEEP") {
        let kept = Path::new(&dir).join(name.trim_start_matches("bench/").replace('/', "-"));
        copy_tree(scratch.path(), &kept).map_err(|error| format!("{}: {error}", kept.display()))?;
    }
    let text = unlith::run(
        scratch.path(),
        ["verify", "--together", "--format", "json", "--quiet", "--jobs", "1", "-C", "."],
    )?;
    serde_json::from_str(&text).map_err(|error| format!("verify: {error}"))
}

/// Writes the libraries and their clients, builds them once, and makes a test of what each client prints.
fn workspace(root: &Path, vendored: &[String], clients: &[Client]) -> Result<(), String> {
    let packages: BTreeSet<&String> =
        clients.iter().flat_map(|client| &client.packages).chain(vendored).collect();
    let options =
        LoadOptions { packages: packages.into_iter().cloned().collect(), ..LoadOptions::of_process() };
    let project = load_installed(&options);
    let ids = vendored.iter().map(|name| library(&project, name)).collect::<Result<Vec<_>, _>>()?;
    let made = vendor(&project, &ids, &options).map_err(|error| error.to_string())?;
    for (path, content) in &made.files {
        let target = root.join(path);
        fs::create_dir_all(target.parent().unwrap_or(root)).map_err(|error| error.to_string())?;
        let written = match content {
            Content::Text(text) => fs::write(&target, text),
            Content::CopyOf(from) => fs::copy(from, &target).map(|_| ()),
        };
        written.map_err(|error| format!("{}: {error}", target.display()))?;
    }
    let write = |path: PathBuf, text: &str| {
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    for client in clients {
        let dir = root.join(format!("client_{}", client.name));
        fs::create_dir(&dir).map_err(|error| error.to_string())?;
        let ids =
            client.packages.iter().map(|name| library(&project, name)).collect::<Result<Vec<_>, _>>()?;
        let libraries = made.names_of(&project, &ids);
        let dune = format!("(executable\n (name {})\n (libraries {libraries}))\n", client.name);
        write(dir.join(format!("{}.ml", client.name)), &client.text)?;
        write(dir.join("dune"), &dune)?;
    }
    let targets: Vec<String> =
        clients.iter().map(|client| format!("./client_{0}/{0}.exe", client.name)).collect();
    run_in(
        root,
        "dune",
        ["build", "--root=.", "--profile=release"].into_iter().chain(targets.iter().map(String::as_str)),
    )?;
    for client in clients {
        let dir = root.join(format!("client_{}", client.name));
        let exe = root.join("_build/default").join(format!("client_{0}/{0}.exe", client.name));
        let printed = run_in(root, &exe.to_string_lossy(), [""; 0])?;
        write(dir.join("printed.expected"), &printed)?;
        let dune = fs::read_to_string(dir.join("dune")).map_err(|error| error.to_string())?;
        let rules = format!(
            "{dune}(rule (with-stdout-to printed (run ./{}.exe)))\n(rule (alias runtest) (action (diff printed.expected printed)))\n",
            client.name
        );
        write(dir.join("dune"), &rules)?;
    }
    Ok(())
}

fn library(project: &Project, name: &str) -> Result<LibraryId, String> {
    let found = project.libraries.iter().position(|library| library.name.as_str() == name);
    found.map(LibraryId::new).ok_or_else(|| format!("package {name} is not installed"))
}

/// One workspace, proposal by proposal.
fn show(name: &str, verdict: &Value) -> String {
    let mut out = format!("{name}\n");
    for program in array(&verdict["programs"]) {
        let units = array(&program["extra_units"]).len() + array(&program["missing_units"]).len();
        let _ = writeln!(
            out,
            "  {:<44} alloc {:>9}, predicted {:>9}, units off {units}, reducible {:>9}",
            text(&program["name"]),
            program["alloc"],
            program["predicted_alloc"],
            program["reducible"]
        );
    }
    for trial in array(&verdict["trials"]) {
        let review = if trial["needs_review"] == true {
            format!(" review {}", trial["reasons"])
        } else {
            String::new()
        };
        let _ = writeln!(out, "  {:<52} {}{review}", text(&trial["id"]), text(&trial["reached"]));
        for program in array(&trial["programs"]) {
            let (predicted, actual) = (&program["predicted"]["alloc"], &program["actual"]["alloc"]);
            let mark = if program["found_here"] == true { "" } else { " (other)" };
            let _ = writeln!(
                out,
                "    {:<48} predicted {predicted:>9} actual {actual:>9}{mark} {}{}",
                text(&program["program"]),
                signed('+', &program["extra_units"]),
                signed('-', &program["missing_units"]),
            );
        }
        if let Some(message) = trial["message"].as_str() {
            message.lines().take(8).for_each(|line| {
                let _ = writeln!(out, "      {line}");
            });
        }
    }
    let together = &verdict["together"];
    let saved: Vec<String> =
        array(&together["saved"]).iter().map(|saved| saved["alloc"].to_string()).collect();
    let _ = writeln!(out, "  together {}: {}", together["proposals"], saved.join(", "));
    out
}

fn signed(sign: char, names: &Value) -> String {
    array(names).iter().take(4).map(|name| format!(" {sign}{}", text(name))).collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// What counts, over all workspaces.
#[derive(Clone, PartialEq, Debug, Default)]
struct Figures {
    /// Workspaces that could not be made or verified.
    n_broken: usize,
    n_programs: usize,
    by_kind: BTreeMap<String, Kind>,
    /// Bytes that splits could save at best, and that all that holds together saved.
    reducible: i64,
    saved: i64,
    /// Errors of savings in per mille, of what was built without review.
    errors: Vec<i64>,
    /// Savings above 4 kB with the wrong sign.
    n_wrong_sign: usize,
    /// Savings of a file's length off by more than 12 kB.
    n_file_off: usize,
}

/// Proposals of one kind.
#[derive(Clone, PartialEq, Debug, Default)]
struct Kind {
    n_tried: usize,
    n_review: usize,
    n_no_patch: usize,
    /// Of those without review: built, and built and passed the tests.
    n_sound: usize,
    n_built: usize,
    n_passed: usize,
    bytes: i64,
    bytes_review: i64,
    errors: Vec<i64>,
}

impl Figures {
    fn add(&mut self, verdict: &Value) {
        let alloc = |value: &Value| value["alloc"].as_i64().unwrap_or(0);
        let saved = array(&verdict["together"]["saved"]).iter().map(alloc);
        for (program, saved) in array(&verdict["programs"]).iter().zip(saved) {
            self.n_programs += 1;
            // The bound counts all code that runs at start-up, which a split may find out to be nobody's loss: what was saved
            // could be saved.
            self.reducible += program["reducible"].as_i64().unwrap_or(0).max(saved);
            self.saved += saved;
        }
        for trial in array(&verdict["trials"]) {
            let kind = self.by_kind.entry(text(&trial["kind"]).to_owned()).or_default();
            let bytes = trial["bytes_proposed"].as_i64().unwrap_or(0);
            kind.n_tried += 1;
            kind.bytes += bytes;
            let reached = text(&trial["reached"]);
            if trial["needs_review"] == true || reached == "patch" {
                kind.n_review += 1;
                kind.n_no_patch += usize::from(reached == "patch");
                kind.bytes_review += bytes;
            } else {
                kind.n_sound += 1;
                kind.n_built += usize::from(reached == "test" || reached == "done");
                kind.n_passed += usize::from(reached == "done");
            }
            for program in array(&trial["programs"]).iter().filter(|program| program["found_here"] == true) {
                let (predicted, actual) = (alloc(&program["predicted"]), alloc(&program["actual"]));
                let error = (predicted - actual).abs() * 1000 / actual.abs().max(1);
                kind.errors.push(error);
                self.errors.push(error);
                self.n_wrong_sign += usize::from(
                    predicted.signum() != actual.signum() && predicted.abs().max(actual.abs()) > 4096,
                );
                let file = |value: &Value| value["stripped"].as_i64().unwrap_or(0);
                let is_off = (file(&program["predicted"]) - file(&program["actual"])).abs() > 12 * 1024;
                self.n_file_off += usize::from(is_off);
            }
        }
    }

    fn table(&self) -> String {
        let mut out = format!(
            "\n{:<24} {:>6} {:>7} {:>8} {:>6} {:>7} {:>11} {:>7} {:>8} {:>8}\n",
            "kind", "tried", "review", "no patch", "built", "passed", "bytes", "review", "median", "9 in 10"
        );
        let total = self.total();
        for (name, kind) in
            self.by_kind.iter().map(|(name, kind)| (name.as_str(), kind)).chain([("all", &total)])
        {
            let _ = writeln!(
                out,
                "{name:<24} {:>6} {:>7} {:>8} {:>6} {:>7} {:>11} {:>5} % {:>6} % {:>6} %",
                kind.n_tried,
                kind.n_review,
                kind.n_no_patch,
                format!("{}/{}", kind.n_built, kind.n_sound),
                kind.n_passed,
                kind.bytes,
                kind.bytes_review * 100 / kind.bytes.max(1),
                tenths(quantile(&kind.errors, 0.5)),
                tenths(quantile(&kind.errors, 0.9)),
            );
        }
        let _ = writeln!(
            out,
            "\n{} programs; wrong sign above 4 kB: {}; file length off by more than 12 kB: {}; workspaces that failed: {}",
            self.n_programs, self.n_wrong_sign, self.n_file_off, self.n_broken
        );
        let _ = writeln!(
            out,
            "verified saved bytes / (linked bytes - bound): {} / {} = {} %",
            self.saved,
            self.reducible,
            self.saved * 100 / self.reducible.max(1)
        );
        out
    }

    fn total(&self) -> Kind {
        let mut total = Kind { errors: self.errors.clone(), ..Kind::default() };
        for kind in self.by_kind.values() {
            total.n_tried += kind.n_tried;
            total.n_review += kind.n_review;
            total.n_no_patch += kind.n_no_patch;
            total.n_sound += kind.n_sound;
            total.n_built += kind.n_built;
            total.n_passed += kind.n_passed;
            total.bytes += kind.bytes;
            total.bytes_review += kind.bytes_review;
        }
        total
    }

    /// The figures that must not get worse, by name; larger is better.
    fn held(&self) -> BTreeMap<&'static str, i64> {
        let total = self.total();
        BTreeMap::from([
            ("programs", self.n_programs as i64),
            ("workspaces_that_failed (negative)", -(self.n_broken as i64)),
            ("saved_percent_of_reducible", self.saved * 100 / self.reducible.max(1)),
            ("passed_percent_of_sound", (total.n_passed * 100 / total.n_sound.max(1)) as i64),
            ("bytes_without_review_percent", 100 - total.bytes_review * 100 / total.bytes.max(1)),
            ("median_error_per_mille (negative)", -quantile(&self.errors, 0.5)),
            ("nine_in_ten_error_per_mille (negative)", -quantile(&self.errors, 0.9)),
            ("wrong_sign (negative)", -(self.n_wrong_sign as i64)),
            ("file_length_off (negative)", -(self.n_file_off as i64)),
        ])
    }

    fn ratchet(&self) -> Outcome {
        let path = support::repository().join("tests/bench.expected");
        let held = self.held();
        if is_update() {
            let mut text = String::from(
                "# Figures of the bench that must not get smaller; written by UNLITH_UPDATE=1.\n",
            );
            for (name, value) in &held {
                let _ = writeln!(text, "{name} = {value}");
            }
            return match fs::write(&path, text) {
                Ok(()) => Outcome::Passed,
                Err(error) => Outcome::Failed(format!("{}: {error}", path.display())),
            };
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let mut worse = Vec::new();
        for line in expected.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.split_once(" = ") else { continue };
            let Ok(value) = value.parse::<i64>() else { continue };
            match held.get(name) {
                Some(&now) if now >= value => {}
                Some(now) => worse.push(format!("{name}: {now}, was {value}")),
                None => worse.push(format!("{name}: no longer a figure")),
            }
        }
        if worse.is_empty() { Outcome::Passed } else { Outcome::Failed(worse.join("\n")) }
    }
}

/// Per mille as per cent with one digit.
fn tenths(per_mille: i64) -> String {
    format!("{}.{}", per_mille / 10, per_mille % 10)
}

/// The value below which this share lies.
fn quantile(values: &[i64], share: f64) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    if sorted.is_empty() {
        return 0;
    }
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}
