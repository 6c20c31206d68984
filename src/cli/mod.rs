//! The command line: arguments -> stages -> standard output.
//!
//! One file for each subcommand: its arguments, then `run`. `pipeline` runs the stages, `output` prints, `failure` says why
//! something could not be done. Exit status: 0 done, 1 findings of a check, 2 could not run.

mod affected;
mod apply;
mod audit;
mod bare_parse;
mod cache;
mod calibrate;
mod check;
mod config;
mod diff;
pub(crate) mod editor;
mod failure;
mod find;
mod given;
mod graph;
mod ids;
mod input;
mod levers;
mod library;
mod lsp;
mod manual;
mod output;
mod pipeline;
mod progress;
mod revision;
mod sarif;
mod schema;
mod split;
mod stats;
pub(crate) mod transient;
mod verify;
mod visible;
mod why;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Find OCaml modules that are linked whole for a single function.
///
/// unlith reads the sources of a program and of everything that it depends on, works out which units the linker takes and for
/// whose sake, and says what to change to make the program smaller, with the bytes that each change saves.
#[derive(Parser, Debug)]
#[command(name = "unlith", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Examples:
  unlith audit                        the dune workspace here
  unlith audit main.ml -p base,stdio  one file and two installed packages
  unlith why Stdlib__Scanf            why that unit is in the program

Exit status: 0 done, 1 findings, 2 could not run.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Audit(audit::Args),
    Why(why::Args),
    Split(split::Args),
    Verify(verify::Args),
    Graph(graph::Args),
    Diff(diff::Args),
    Schema(schema::Args),
    Levers(levers::Args),
    Check(check::Args),
    Library(library::Args),
    Lsp(lsp::Args),
    Stats(stats::Args),
    Cache(cache::Args),
    Calibrate(calibrate::Args),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
}

/// How a command ended that could run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    /// All was done.
    Done,
    /// The result was printed, and something in it is not as it was agreed.
    Found,
    /// The result was printed, but something asked for is missing: it cannot be what was wanted.
    Incomplete,
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| input::explained(error).exit());
    let result = match cli.command {
        Command::Audit(args) => audit::run(args),
        Command::Why(args) => why::run(args),
        Command::Split(args) => split::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Graph(args) => graph::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Schema(args) => schema::run(&args),
        Command::Levers(args) => levers::run(args),
        Command::Check(args) => check::run(args),
        Command::Library(args) => library::run(args),
        Command::Lsp(args) => lsp::run(&args),
        Command::Stats(args) => stats::run(args),
        Command::Cache(args) => cache::run(&args),
        Command::Calibrate(args) => calibrate::run(args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
    };
    transient::settle();
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Ok(Outcome::Incomplete) => ExitCode::from(2),
        Err(error) => {
            failure::print(&error);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_well_formed() {
        Cli::command().debug_assert();
    }
}
