//! `unlith lsp`: the language server.

use super::input::start_threads;
use super::{Outcome, cache};
use std::io::{BufReader, stdin, stdout};

/// Show in an editor what each line costs
///
/// A language server over standard input and output, to be started by an editor beside ocaml-lsp: bytes behind opens, aliases and
/// references, diagnostics, code lenses, hover, and proposals as code actions. Settings come from the editor
/// (docs/editor-settings.md); messages for people go to standard error.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith lsp              what an editor starts
  unlith lsp --jobs 2     and leaves the other processors alone

Exit status: 0 after shutdown and exit, 1 when the editor goes without them.")]
pub(super) struct Args {
    /// Threads to use [default: one for each processor]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// Neither read nor write what is kept between runs
    #[arg(long)]
    no_cache: bool,

    /// As editors pass it: standard input and output are used anyway
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    start_threads(args.jobs)?;
    let pages = cache::dir().filter(|_| !args.no_cache);
    let is_orderly =
        crate::lsp::serve(BufReader::new(stdin()), stdout(), cache::open(!args.no_cache), pages.as_deref());
    // As the protocol has it: 1 for a client that goes without a word.
    Ok(if is_orderly { Outcome::Done } else { Outcome::Found })
}
