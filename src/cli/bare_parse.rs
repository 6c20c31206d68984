//! A parse and nothing else, in a process of its own: what `unlith stats --compare-parse` holds the stages against.
//!
//! Within the process that analysed the files, a parse finds memory that is there already and a program that is loaded, and takes 6 %
//! less: both start from nothing.

use super::failure::Failure;
use super::input::start_threads;
use super::pipeline::Run;
use crate::base::{FileId, Idx};
use crate::project::{SourceKind, read_source};
use anyhow::Context;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;
use tree_sitter::Parser;

/// What a parse of some files took.
#[derive(Serialize, Deserialize)]
pub(super) struct Parsed {
    pub(super) seconds: f64,
    /// As of the whole process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) processor_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_memory_bytes: Option<u64>,
}

/// Which files to parse, as JSON on standard input.
type Files = Vec<(PathBuf, bool)>;

/// Has another process parse the files that the analysis read, with as many threads.
pub(super) fn beside(run: &Run) -> anyhow::Result<Parsed> {
    let read = run.facts.iter().enumerate().filter(|(_, facts)| facts.is_some());
    let read = read.map(|(file, _)| run.project.file(FileId::new(file)));
    let files: Files = read
        // A name that JSON cannot hold is left out on this side alone.
        .filter(|file| file.generator.is_none() && file.path.to_str().is_some())
        .map(|file| (file.path.clone(), file.kind == SourceKind::Interface))
        .collect();
    let failed = |error: std::io::Error| {
        let what = format!("cannot start a process for the bare parse: {error}");
        Failure::error(what, "leave out `--compare-parse`")
    };
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(["stats", "--only-parse", "--jobs", &rayon::current_num_threads().to_string()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    // The other side reads all of it before it writes; if it ended, what it printed is no answer.
    let mut input = child.stdin.take().context("it was asked for")?;
    let _ = input.write_all(&serde_json::to_vec(&files)?);
    drop(input);
    let output = child.wait_with_output().map_err(failed)?;
    serde_json::from_slice(&output.stdout).context("the process of the bare parse gave no answer")
}

/// Parses the files that standard input names.
pub(super) fn run(jobs: Option<u16>) -> anyhow::Result<Parsed> {
    let files: Files = serde_json::from_reader(std::io::stdin().lock())
        .context("standard input names no files to parse, as JSON")?;
    let started = Instant::now();
    start_threads(jobs)?;
    files.par_iter().for_each(|(path, is_interface)| {
        // A file that went away in between costs nothing on either side.
        if let Ok(text) = read_source(path) {
            let kind = if *is_interface { SourceKind::Interface } else { SourceKind::Implementation };
            parse(&text, kind);
        }
    });
    Ok(Parsed {
        seconds: started.elapsed().as_secs_f64(),
        processor_seconds: processor_time(),
        peak_memory_bytes: peak_memory(),
    })
}

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

/// Builds the tree of one text and drops it.
fn parse(text: &[u8], kind: SourceKind) {
    let language = match kind {
        SourceKind::Implementation => tree_sitter_ocaml::LANGUAGE_OCAML,
        SourceKind::Interface => tree_sitter_ocaml::LANGUAGE_OCAML_INTERFACE,
    };
    PARSER.with_borrow_mut(|parser| {
        parser.set_language(&language.into()).expect("the grammar and the parser are built for each other");
        let _ = std::hint::black_box(parser.parse(text, None));
    });
}

/// Returns the seconds that processors worked for the threads of this process, as Linux tells it.
///
/// On a busy machine this is what can be compared: the time on the clock holds the work of others, too.
pub(super) fn processor_time() -> Option<f64> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(nanoseconds.sum::<u64>() as f64 / 1e9).filter(|&seconds| seconds > 0.0)
}

/// Returns the most memory that this process had, as Linux tells it.
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
