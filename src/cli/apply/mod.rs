//! Writing a patch: all files or none, never over changes that nobody has saved, and with a way back.
//!
//! 1. Every file must be as the patch knows it, lie in the tree itself, and be clean for git where there is git.
//! 2. The journal is written: what each file was and will be.
//! 3. New texts go to temporary files beside their targets, then each is renamed over its target.
//! 4. The journal says that it is done.
//!
//! One process at a time does that: others are told to wait.
//! What goes wrong in 3 is undone from the journal at once; what is killed there can be undone later by the same journal.

mod hand;
mod journal;

use super::failure::Failure;
use crate::base::read_regular;
use crate::split::{EditAction, Patch};
use anyhow::Context;
use hand::{Disk, Hand};
use journal::{Entry, Journal, Lock};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is checked before anything is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Checks {
    /// Files with changes that git knows of may be written over.
    pub(super) dirty: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Change {
    path: PathBuf,
    action: EditAction,
    old_text: String,
    new_text: String,
}

impl Change {
    fn before(&self) -> Option<&str> {
        (self.action != EditAction::Create).then_some(self.old_text.as_str())
    }
    fn after(&self) -> Option<&str> {
        (self.action != EditAction::Delete).then_some(self.new_text.as_str())
    }
}

/// Writes a patch. Returns the files that were written, in order.
pub(super) fn apply(root: &Path, patch: &Patch, checks: Checks) -> anyhow::Result<Vec<PathBuf>> {
    let _alone = Lock::take(root)?;
    apply_by(&mut Disk, root, patch, checks)
}

fn apply_by(
    hand: &mut impl Hand,
    root: &Path,
    patch: &Patch,
    checks: Checks,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut journal = Journal::open(root)?;
    if journal.entries.last().is_some_and(|entry| !entry.is_done) {
        return Err(Failure::error(
            format!("the last change was interrupted: see {}", journal.path.display()),
            "take it back with `unlith split --reverse` first",
        ));
    }
    let changes: Vec<Change> = patch
        .edits
        .iter()
        .map(|edit| Change {
            path: absolute(&edit.path),
            action: edit.action,
            old_text: edit.old_text.clone(),
            new_text: edit.new_text.clone(),
        })
        .collect();
    refuse_links(root, &changes)?;
    refuse_dirty(root, &changes, checks)?;
    for change in &changes {
        if read(&change.path)?.as_deref() != change.before() {
            return Err(Failure::error(
                format!("{} is not what it was when the patch was made", change.path.display()),
                "run the command again",
            ));
        }
    }
    let process = std::process::id();
    journal.entries.push(Entry { is_done: false, changes: changes.clone(), process });
    journal.save(hand)?;
    if let Err(error) = write_all(hand, &changes, process, Change::after) {
        if let Err(second) = write_all(hand, &changes, process, Change::before) {
            let message = format!("some files are changed and others not ({second:#})");
            let help = "take it back with `unlith split --reverse` once that is mended";
            return Err(Failure::error(format!("{error:#}: {message}"), help));
        }
        journal.entries.pop();
        journal.save(hand)?;
        return Err(error.context("nothing was changed"));
    }
    journal.entries.last_mut().expect("pushed above").is_done = true;
    journal.save(hand)?;
    Ok(changes.into_iter().map(|change| change.path).collect())
}

/// Takes back what was written last. Returns the files.
pub(super) fn reverse(root: &Path, checks: Checks) -> anyhow::Result<Vec<PathBuf>> {
    let _alone = Lock::take(root)?;
    reverse_by(&mut Disk, root, checks)
}

fn reverse_by(hand: &mut impl Hand, root: &Path, checks: Checks) -> anyhow::Result<Vec<PathBuf>> {
    let mut journal = Journal::open(root)?;
    let Some(entry) = journal.entries.pop() else {
        return Err(Failure::error(
            "there is nothing to take back here",
            "only what `unlith split --apply` wrote in this directory can be taken back",
        ));
    };
    for change in &entry.changes {
        let now = read(&change.path)?;
        let is_known = now.as_deref() == change.after() || now.as_deref() == change.before();
        if !is_known && !checks.dirty {
            return Err(Failure::error(
                format!("{} has changed since", change.path.display()),
                "take your changes out of it first, or give `--dirty` to lose them",
            ));
        }
    }
    write_all(hand, &entry.changes, entry.process, Change::before)?;
    journal.sweep(&entry, hand);
    journal.save(hand)?;
    Ok(entry.changes.into_iter().map(|change| change.path).collect())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match read_regular(path, crate::cli::input::MAX_BYTES) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Brings every file to one side of its change. Fails before the first file is touched when a text cannot be written.
fn write_all<'c>(
    hand: &mut impl Hand,
    changes: &'c [Change],
    process: u32,
    side: impl Fn(&'c Change) -> Option<&'c str>,
) -> anyhow::Result<()> {
    let mut ready = Vec::new();
    for change in changes {
        if let Some(text) = side(change) {
            match prepared(hand, &change.path, text, process) {
                Ok(temporary) => ready.push((temporary, &change.path)),
                Err(error) => {
                    for (temporary, _) in ready {
                        let _ = hand.remove(&temporary);
                    }
                    return Err(error);
                }
            }
        }
    }
    for (temporary, path) in ready {
        hand.rename(&temporary, path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for change in changes.iter().filter(|change| side(change).is_none()) {
        match hand.remove(&change.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", change.path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes a text beside its target, with the target's permissions.
fn prepared(hand: &mut impl Hand, path: &Path, text: &str, process: u32) -> anyhow::Result<PathBuf> {
    let temporary = temporary(path, process);
    if let Err(error) = hand.write(&temporary, text) {
        let _ = hand.remove(&temporary);
        return Err(error).with_context(|| format!("cannot write beside {}", path.display()));
    }
    if let Ok(metadata) = std::fs::metadata(path) {
        let _ = std::fs::set_permissions(&temporary, metadata.permissions());
    }
    Ok(temporary)
}

/// Where a process writes the text that is to become a file: hidden, so that no build takes it for a source.
fn temporary(path: &Path, process: u32) -> PathBuf {
    let file = path.file_name().map_or_else(String::new, |file| file.to_string_lossy().into_owned());
    path.with_file_name(format!(".{file}.unlith-{process}"))
}

/// Refuses what a symbolic link leads to: to put a file in the place of the link could not be taken back, and to write where it
/// leads would change what lies elsewhere.
fn refuse_links(root: &Path, changes: &[Change]) -> anyhow::Result<()> {
    let roots = [absolute(root), std::fs::canonicalize(root).unwrap_or_else(|_| absolute(root))];
    for change in changes {
        let is_below = |path: &&Path| roots.iter().any(|root| path.starts_with(root) && *path != root);
        // Directories above the root are as the user named them.
        let below = change.path.ancestors().skip(1).take_while(is_below);
        if let Some(link) = std::iter::once(change.path.as_path()).chain(below).find(|path| path.is_symlink())
        {
            return Err(Failure::error(
                format!("{} is a symbolic link", link.display()),
                "make the change by hand where it leads, or put a copy in its place",
            ));
        }
    }
    Ok(())
}

/// Refuses where git knows of changes in the files that would be written.
fn refuse_dirty(root: &Path, changes: &[Change], checks: Checks) -> anyhow::Result<()> {
    if checks.dirty {
        return Ok(());
    }
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["status", "--porcelain", "--untracked-files=all", "--ignored", "--"]);
    git.args(changes.iter().map(|change| &change.path));
    // Without git, or outside a repository, there is nothing to lose that the journal does not keep.
    let Ok(output) = git.output() else { return Ok(()) };
    let status = String::from_utf8_lossy(&output.stdout);
    match status.lines().find(|line| !line.starts_with("!!")) {
        Some(line) if output.status.success() => Err(Failure::error(
            format!("{} has changes that are not committed", line.get(3..).unwrap_or(line)),
            "commit them first, or give `--dirty` to write over them (`--reverse` brings them back)",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
