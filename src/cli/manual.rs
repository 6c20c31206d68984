//! `unlith completions` and `unlith man`: what shells and `man` want to know, made from the arguments themselves.

use super::failure::Failure;
use super::output::OutputArgs;
use super::{Cli, Outcome};
use anyhow::Context;
use clap::{Command, CommandFactory};
use std::path::PathBuf;

/// Print a script that completes the command line in a shell
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith completions bash > ~/.local/share/bash-completion/completions/unlith
  unlith completions zsh > ~/.zfunc/_unlith
  unlith completions fish > ~/.config/fish/completions/unlith.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,

    #[command(flatten)]
    output: OutputArgs,
}

/// Print the manual page of the program or of one command
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith man audit | man -l -
  unlith man --dir ~/.local/share/man/man1    all pages, as files")]
pub(super) struct ManArgs {
    /// A command, as in `unlith man audit` [default: the program itself]
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    command: Option<String>,

    /// Write all pages to this directory: unlith.1, unlith-audit.1 ...
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "unlith", &mut script);
    args.output.write(&String::from_utf8(script).context("the script of a shell")?)?;
    Ok(Outcome::Done)
}

pub(super) fn man(args: &ManArgs) -> anyhow::Result<Outcome> {
    let mut program = Cli::command();
    program.build();
    if let Some(dir) = &args.dir {
        for (name, command) in pages(&program) {
            let path = dir.join(format!("{name}.1"));
            std::fs::write(&path, page(&name, command)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        return Ok(Outcome::Done);
    }
    let wanted = args.command.as_ref().map_or("unlith".to_owned(), |command| format!("unlith-{command}"));
    let found = pages(&program).into_iter().find(|(name, _)| *name == wanted);
    let Some((name, command)) = found else {
        let asked = args.command.as_deref().unwrap_or_default();
        return Err(Failure::error(format!("there is no command `{asked}`"), "`unlith help` lists them"));
    };
    args.output.write(&String::from_utf8(page(&name, command)?).context("a manual page")?)?;
    Ok(Outcome::Done)
}

/// The program and its commands, with the names of their pages.
fn pages(program: &Command) -> Vec<(String, &Command)> {
    let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
    let commands = commands.map(|command| (format!("unlith-{}", command.get_name()), command));
    std::iter::once(("unlith".to_owned(), program)).chain(commands).collect()
}

fn page(name: &str, command: &Command) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let titled = command.clone().display_name(name.to_owned());
    clap_mangen::Man::new(titled).title(name.to_owned()).render(&mut out)?;
    Ok(out)
}
