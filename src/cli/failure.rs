//! Errors for people: what happened, where, what to do next.

use super::output;
use crate::project::LoadError;
use anstyle::AnsiColor;
use std::fmt;

/// A failure with advice.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    help: String,
}

impl Failure {
    /// Makes a failure: what happened and where, then what to do next.
    pub(super) fn error(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Failure { message: message.into(), help: help.into() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Prints an error with its causes and what to do about it.
pub(super) fn print(error: &anyhow::Error) {
    let red = AnsiColor::Red.on_default().bold();
    let mut text = format!("{red}error{red:#}: {error}\n");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("  because {cause}\n"));
    }
    if let Some(help) = help(error) {
        text.push_str(&format!("  help: {help}\n"));
    }
    output::say(&text);
}

/// Returns an error with what to do about it, for where there is no terminal.
pub(super) fn with_help(error: &anyhow::Error) -> String {
    match help(error) {
        Some(help) => format!("{error}: {help}"),
        None => error.to_string(),
    }
}

/// What to do about an error.
fn help(error: &anyhow::Error) -> Option<String> {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return Some(failure.help.clone());
    }
    let text = match error.downcast_ref::<LoadError>()? {
        LoadError::NoFiles => {
            "name a .ml file or a directory with a dune-project, as in `unlith audit main.ml -p base`"
        }
        LoadError::NotFound(_) => "check the path; it is taken from the current directory",
        LoadError::NotASource(_) => "name the main module's .ml file, or the directory of a dune workspace",
        LoadError::Unreadable { .. } => "check the permissions of the file and of the directories above it",
        LoadError::NoProject(_) => {
            "name a .ml file with the packages it needs, as in `unlith audit main.ml -p base`, or the root of a dune workspace"
        }
    };
    Some(text.to_owned())
}
