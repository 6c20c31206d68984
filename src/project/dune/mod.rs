//! dune workspaces: which libraries and programs the stanzas declare, which modules each has, and how dune names them.
//!
//! [`tree`] reads directories and stanzas, [`declare`] says what they declare, [`modules`] which files belong to whom and
//! [`rules`] which of them are made of others, [`naming`] what their units are called, [`workspace`] puts the project
//! together, [`edit`] changes stanzas. No program is run: what the build makes is read from `_build` where it is there, and
//! before that from what a lexer or parser is made of.
//!
//! Source: dune 2.9.3, compared in `tests/dune.rs`; the layouts of dune 3 from its documentation.

mod declare;
mod edit;
mod lang;
mod modules;
mod naming;
mod rules;
mod tree;
mod warnings;
mod workspace;

pub use edit::{ModuleChange, add_library, add_modules};
pub use workspace::load_workspace;

use std::path::{Path, PathBuf};

/// Returns the root of the dune workspace that a directory lies in, and the way from there to it: empty for the root itself.
#[must_use]
pub fn workspace_of(dir: &Path) -> Option<(PathBuf, PathBuf)> {
    let full = tree::located(dir);
    let root = tree::find_root(&full)?;
    let below = full.strip_prefix(&root).ok()?.to_owned();
    Some((root, below))
}
