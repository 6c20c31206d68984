//! One table: what each stage takes on trees of 100, 1,000, 5,000 and 10,000 generated units and on the installed libraries, with
//! the ratios that count, beside a bare parse and `ocamldep -modules` over the same files.
//!
//! `cargo bench --bench table` prints it; behind `--`, `small` leaves the two largest trees out, and `make DIR UNITS [N]`
//! writes a generated tree, of libraries of N units, and ends (`make DIR 40500 9` is of the size of all of opam). All that stands in
//! one row is measured in turns, so that a busy machine slows all of it alike; each figure is the median of the rounds. Times are of
//! whole processes: the program as users run it.
//!
//! The parse that the stages are held against is run twice: by this program, which has the system's allocator as any other would,
//! and by `unlith stats --compare-parse`, which has the allocator of the stages: what is gained by that is no merit of theirs.

#![allow(clippy::print_stdout)]

#[path = "../tests/support/forest.rs"]
mod forest;

use forest::Forest;
use rayon::prelude::*;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use tree_sitter::Parser;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, dir, units, more @ ..] = &arguments[..]
        && command == "make"
    {
        let number = |text: &String| text.parse().expect("a number of units");
        let mut forest = Forest::of_units(number(units));
        forest.units_of_library = more.first().map_or(forest.units_of_library, number);
        let files = forest.write(Path::new(dir)).expect("a directory that can be written");
        let bytes: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum();
        println!("{} files, {bytes} bytes", files.len());
        return;
    }
    if arguments.first().is_some_and(|argument| argument == "parse") {
        let names = std::io::read_to_string(std::io::stdin()).expect("names of files, a line each");
        println!("{}", parse_all(&names.lines().collect::<Vec<_>>()));
        return;
    }
    let is_small = arguments.iter().any(|argument| argument == "small");
    let scratch = std::env::temp_dir().join(format!("unlith-bench-{}", std::process::id()));
    let mut rows = Vec::new();
    for n_units in [100, 1_000, 5_000, 10_000] {
        if is_small && n_units > 1_000 {
            continue;
        }
        let root = scratch.join(n_units.to_string());
        Forest::of_units(n_units).write(&root).expect("temporary files can be made");
        let rounds = if n_units > 1_000 { 1 } else { 3 };
        let changes = root.join("lib0/unit1.ml");
        rows.push(measure(
            &format!("{n_units} units"),
            &[&root.display().to_string()],
            &changes,
            rounds,
            &scratch,
        ));
    }
    for (name, package, file) in [
        ("base", "base", "base_scores.ml"),
        ("cohttp server", "cohttp-lwt-unix", "cohttp_lwt_unix_server.ml"),
        ("ppxlib", "ppxlib", "ppxlib_rename.ml"),
        ("js_of_ocaml", "js_of_ocaml-compiler", "js_of_ocaml_bytecode.ml"),
        ("tyxml", "tyxml", "tyxml_page.ml"),
    ] {
        let path = scratch.join(file);
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/matrix").join(file);
        std::fs::copy(source, &path).expect("temporary files can be made");
        if is_installed(package) {
            rows.push(measure(name, &[&path.display().to_string(), "-p", package], &path, 3, &scratch));
        } else {
            println!("{name}: {package} is not installed");
        }
    }
    let _ = std::fs::remove_dir_all(&scratch);
    print(&rows);
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("ocamlfind");
    query.args(["query", package]).stdout(Stdio::null()).stderr(Stdio::null());
    query.status().is_ok_and(|status| status.success())
}

/// What one input takes, in seconds.
struct Row {
    name: String,
    megabytes: f64,
    stages: Vec<(String, f64)>,
    plain: f64,
    bare: f64,
    cold: f64,
    cold_one_thread: f64,
    audit: f64,
    warm: f64,
    changed: f64,
    cold_processor: f64,
    bare_processor: f64,
    ocamldep: Option<f64>,
    peak: f64,
}

/// Measures one input; `changes` is a file that is edited for the row of one changed file.
fn measure(name: &str, input: &[&str], changes: &Path, rounds: usize, scratch: &Path) -> Row {
    let cache = scratch.join("cache");
    let mut figures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut stages: BTreeMap<usize, (String, Vec<f64>)> = BTreeMap::new();
    let mut last = Value::Null;
    audit(input, Some(&cache)); // fills the cache, and the system's
    let files = files(input);
    let text = std::fs::read_to_string(changes).expect("the file that changes is there");
    for round in 0..rounds {
        let cold = stats(input, &["--no-cache", "--compare-parse"], None);
        let one = stats(input, &["--no-cache", "--compare-parse", "--jobs", "1"], None);
        let whole = audit(input, None);
        // What the last round changed has been asked since.
        audit(input, Some(&cache));
        let warm = audit(input, Some(&cache));
        std::fs::write(changes, format!("{text}\nlet changed_{round} = {round}\n"))
            .expect("it can be written");
        let changed = audit(input, Some(&cache));
        std::fs::write(changes, &text).expect("it can be written");
        let mut push = |what, value: f64| figures.entry(what).or_default().push(value);
        push("cold", seconds(&cold["total_seconds"]));
        push("plain", plain_parse(&files));
        push("one", seconds(&one["total_seconds"]));
        push("audit", whole);
        push("warm", warm);
        push("changed", changed);
        push("cold processor", seconds(&one["processor_seconds"]));
        push("bare processor", seconds(&one["bare_parse"]["processor_seconds"]));
        push("bare", seconds(&cold["bare_parse"]["seconds"]));
        push("peak", cold["peak_memory_bytes"].as_f64().unwrap_or(0.0));
        if let Some(time) = ocamldep(&files) {
            push("ocamldep", time);
        }
        for (nth, stage) in cold["stages"].as_array().into_iter().flatten().enumerate() {
            let name = stage["name"].as_str().unwrap_or_default().to_owned();
            stages.entry(nth).or_insert((name, Vec::new())).1.push(seconds(&stage["seconds"]));
        }
        last = cold;
    }
    let bytes = last["counts"].as_array().into_iter().flatten();
    let bytes =
        bytes.clone().find(|count| count["name"] == "bytes read").and_then(|count| count["count"].as_f64());
    let mut figure = |what| figures.get_mut(what).map(|values| median(values));
    Row {
        name: name.to_owned(),
        megabytes: bytes.unwrap_or(0.0) / 1e6,
        plain: figure("plain").unwrap_or(0.0),
        bare: figure("bare").unwrap_or(0.0),
        cold: figure("cold").unwrap_or(0.0),
        cold_one_thread: figure("one").unwrap_or(0.0),
        audit: figure("audit").unwrap_or(0.0),
        warm: figure("warm").unwrap_or(0.0),
        changed: figure("changed").unwrap_or(0.0),
        cold_processor: figure("cold processor").unwrap_or(0.0),
        bare_processor: figure("bare processor").unwrap_or(0.0),
        ocamldep: figure("ocamldep"),
        peak: figure("peak").unwrap_or(0.0),
        stages: stages.into_values().map(|(name, mut values)| (name, median(&mut values))).collect(),
    }
}

fn stats(input: &[&str], more: &[&str], cache: Option<&Path>) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unlith"));
    command.args(["stats", "--format", "json", "--quiet"]).args(input).args(more);
    if let Some(cache) = cache {
        command.env("UNLITH_CACHE_DIR", cache);
    }
    let output = command.output().expect("the program runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{command:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Time of a whole audit, from the start of the process to its end.
fn audit(input: &[&str], cache: Option<&Path>) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unlith"));
    command.args(["audit", "--format", "json", "--quiet"]).args(input).stdout(Stdio::null());
    match cache {
        Some(cache) => command.env("UNLITH_CACHE_DIR", cache),
        None => command.arg("--no-cache"),
    };
    let started = Instant::now();
    let status = command.status().expect("the program runs");
    assert!(status.code().is_some_and(|code| code != 101), "{command:?}: {status}");
    started.elapsed().as_secs_f64()
}

/// The files that the analysis reads.
fn files(input: &[&str]) -> Vec<PathBuf> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unlith"));
    command.args(["stats", "--files", "--quiet"]).args(input);
    let output = command.output().expect("the program runs");
    String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).filter(|path| path.exists()).collect()
}

/// Time that this program takes, in a process of its own, to parse the files and do nothing else.
fn plain_parse(files: &[PathBuf]) -> f64 {
    let mut command = Command::new(std::env::current_exe().expect("it runs"));
    let mut child =
        command.arg("parse").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let names: Vec<_> = files.iter().filter_map(|file| file.to_str()).collect();
    let mut input = child.stdin.take().expect("it was asked for");
    input.write_all(names.join("\n").as_bytes()).expect("it reads all");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints seconds")
}

/// Parses files with every processor, and returns the seconds that it took.
fn parse_all(files: &[&str]) -> f64 {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
    }
    let started = Instant::now();
    files.par_iter().for_each(|path| {
        let language = match path.ends_with('i') {
            true => tree_sitter_ocaml::LANGUAGE_OCAML_INTERFACE,
            false => tree_sitter_ocaml::LANGUAGE_OCAML,
        };
        let Ok(text) = std::fs::read(path) else { return };
        PARSER.with_borrow_mut(|parser| {
            parser
                .set_language(&language.into())
                .expect("the grammar and the parser are built for each other");
            let _ = std::hint::black_box(parser.parse(text, None));
        });
    });
    started.elapsed().as_secs_f64()
}

/// Runs `ocamldep -modules` over the files, in two processes at once as `xargs -P2` would.
fn ocamldep(files: &[PathBuf]) -> Option<f64> {
    let started = Instant::now();
    for batch in files.chunks(4_000) {
        let halves = batch.split_at(batch.len() / 2);
        let run = |files: &[PathBuf]| {
            let mut command = Command::new("ocamldep");
            command.arg("-modules").args(files).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().ok()
        };
        for child in [run(halves.0), run(halves.1)] {
            // It fails on files that need a rewriter, after reading them.
            child?.wait().ok()?;
        }
    }
    Some(started.elapsed().as_secs_f64())
}

fn seconds(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn print(rows: &[Row]) {
    let head = ["MB", "cold", "1 thread", "parse", "bare", "ocamldep", "audit", "warm", "changed"];
    let ratios = ["cold/parse", "cold/bare", "processor", "warm/audit", "1/2 thr.", "cold/dep", "peak/MB"];
    let line = |name: &str, figures: &[String], ratios: &[String]| {
        let figures: String = figures.iter().map(|figure| format!(" {figure:>9}")).collect();
        let ratios: String = ratios.iter().map(|ratio| format!(" {ratio:>10}")).collect();
        println!("{name:<14}{figures} |{ratios}");
    };
    line("input", &head.map(str::to_owned), &ratios.map(str::to_owned));
    for row in rows {
        let time = |seconds: f64| format!("{seconds:.3} s");
        let ratio = |value: f64| format!("{value:.2}");
        line(
            &row.name,
            &[
                format!("{:.1}", row.megabytes),
                time(row.cold),
                time(row.cold_one_thread),
                time(row.plain),
                time(row.bare),
                row.ocamldep.map_or("-".to_owned(), time),
                time(row.audit),
                time(row.warm),
                time(row.changed),
            ],
            &[
                ratio(row.cold / row.plain),
                ratio(row.cold / row.bare),
                ratio(row.cold_processor / row.bare_processor),
                ratio(row.warm / row.audit),
                ratio(row.cold_one_thread / row.cold),
                row.ocamldep.map_or("-".to_owned(), |time| ratio(row.cold / time)),
                format!("{:.1}", row.peak / 1e6 / row.megabytes),
            ],
        );
    }
    println!(
        "\ncold: all stages, with every processor; parse: a parse of the same files and nothing else; bare: the same with the \
         allocator of the stages; audit, warm, changed: whole processes that print the report as JSON, without what \
         is kept, with it, and with it and one file changed\nprocessor: cold/bare in processor time, on one thread; peak/MB: most \
         memory over bytes of source read"
    );
    let cold = |name: &str| rows.iter().find(|row| row.name == name).map(|row| row.cold);
    if let (Some(half), Some(whole)) = (cold("5000 units"), cold("10000 units")) {
        println!("twice the files: 10000 units take {:.2} times as long as 5000", whole / half);
    }
    println!("\ntime of each stage, cold");
    for row in rows {
        let stages: Vec<String> =
            row.stages.iter().map(|(name, time)| format!("{name} {:.1} ms", time * 1e3)).collect();
        println!("{:<14} {}", row.name, stages.join(" | "));
    }
}
