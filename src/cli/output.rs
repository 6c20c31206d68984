//! Where results go: standard output or a file, with or without colour.

use super::failure::Failure;
use super::visible::visible;
use crate::base::{Code, Problem, Severity};
use crate::report::{self, problems};
use anstream::ColorChoice;
use serde::Serialize;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// When to colour.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Color {
    /// On terminals, unless NO_COLOR is set.
    Auto,
    /// Also into files and pipes.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes the choice hold for everything that is printed.
    pub(super) fn set(self) {
        match self {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

/// The arguments that say where results go.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

impl OutputArgs {
    /// Makes the choice of colour hold for everything that is printed.
    pub(super) fn set_color(&self) {
        self.color.set();
    }

    /// Writes a result that has colours.
    pub(super) fn write(&self, text: &str) -> anyhow::Result<()> {
        let Some(path) = &self.output else { return print(text) };
        let plain;
        let text = match self.color {
            Color::Always => text,
            Color::Auto | Color::Never => {
                plain = anstream::adapter::strip_str(text).to_string();
                &plain
            }
        };
        std::fs::write(path, text).map_err(|error| not_written(path, &error))
    }

    /// Writes a result that has none, for programs, in pieces: as it is.
    pub(super) fn write_data(&self, pieces: &[String]) -> anyhow::Result<()> {
        match &self.output {
            None => print_to(&mut io::stdout().lock(), pieces),
            Some(path) => File::create(path)
                .and_then(|mut file| pieces.iter().try_for_each(|piece| file.write_all(piece.as_bytes())))
                .map_err(|error| not_written(path, &error)),
        }
    }
}

fn not_written(path: &Path, error: &io::Error) -> anyhow::Error {
    Failure::error(
        format!("cannot write `{}`: {error}", path.display()),
        "name a file in a directory that exists and may be written to",
    )
}

/// Returns a result as JSON.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<String> {
    report::json_text(value).map_err(no_json)
}

/// What is said where a result cannot be written as JSON.
pub(super) fn no_json(error: serde_json::Error) -> anyhow::Error {
    Failure::error(format!("cannot write JSON: {error}"), "please report this")
}

/// Prints a result.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let text = if io::stdout().is_terminal() { visible(text) } else { text.into() };
    print_to(&mut anstream::stdout().lock(), &[text])
}

/// Prints pieces of a text. That the reader closed the pipe is no error: it has seen enough.
fn print_to(stdout: &mut impl Write, pieces: &[impl AsRef<str>]) -> anyhow::Result<()> {
    let written = pieces.iter().try_for_each(|piece| stdout.write_all(piece.as_ref().as_bytes()));
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::error(format!("cannot write to standard output: {error}"), "is the disk full?"))
        }
        _ => Ok(()),
    }
}

/// How many problems of one kind are shown on standard error.
const N_SHOWN: usize = 3;

/// Says on standard error what is wrong in the tree. What keeps a result from being what was asked for is said even when
/// `quiet`; the rest is left out where the report itself has it.
pub(super) fn print_problems(all: &[Problem], quiet: bool, is_in_report: bool) {
    say(&problems_text(all, quiet, is_in_report));
}

/// Returns what [`print_problems`] says.
pub(super) fn problems_text(all: &[Problem], quiet: bool, is_in_report: bool) -> String {
    let shown = |problem: &&Problem| {
        is_serious(problem) || (!quiet && (!is_in_report || problem.severity == Severity::Error))
    };
    let shown: Vec<Problem> = all.iter().filter(shown).cloned().collect();
    problems::text(&problems::entries(&shown), N_SHOWN)
}

/// Prints on standard error.
pub(super) fn say(text: &str) {
    let text = if io::stderr().is_terminal() { visible(text) } else { text.into() };
    // Nobody is left to be told when standard error is closed.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Whether a problem means that the program asked for cannot be linked as it stands.
pub(super) fn is_serious(problem: &Problem) -> bool {
    problem.severity == Severity::Error && matches!(problem.code, Code::MissingPackage | Code::MissingLibrary)
}
