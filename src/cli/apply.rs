//! Writing a patch: all files or none, never over changes that nobody has saved, and with a way back.
//!
//! 1. Every file must be as the patch knows it, and clean for git where there is git.
//! 2. The journal is written: what each file was and will be.
//! 3. New texts go to temporary files beside their targets, then each is renamed over its target.
//! 4. The journal says that it is done.
//!
//! What goes wrong in 3 is undone from the journal at once; what is killed there can be undone later by the same journal.

use super::failure::Failure;
use crate::split::{EditAction, Patch};
use anyhow::Context;
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

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Entry {
    is_done: bool,
    changes: Vec<Change>,
}

/// Writes a patch. Returns the files that were written, in order.
pub(super) fn apply(root: &Path, patch: &Patch, checks: Checks) -> anyhow::Result<Vec<PathBuf>> {
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
    refuse_dirty(root, &changes, checks)?;
    for change in &changes {
        if read(&change.path)?.as_deref() != change.before() {
            return Err(Failure::error(
                format!("{} is not what it was when the patch was made", change.path.display()),
                "run the command again",
            ));
        }
    }
    journal.entries.push(Entry { is_done: false, changes: changes.clone() });
    journal.save()?;
    if let Err(error) = write_all(&changes, Change::after) {
        let undone = write_all(&changes, Change::before);
        journal.entries.pop();
        if undone.is_ok() {
            journal.save()?;
        }
        return Err(error.context("nothing was changed"));
    }
    journal.entries.last_mut().expect("pushed above").is_done = true;
    journal.save()?;
    Ok(changes.into_iter().map(|change| change.path).collect())
}

/// Takes back what was written last. Returns the files.
pub(super) fn reverse(root: &Path, checks: Checks) -> anyhow::Result<Vec<PathBuf>> {
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
    write_all(&entry.changes, Change::before)?;
    journal.save()?;
    Ok(entry.changes.into_iter().map(|change| change.path).collect())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Brings every file to one side of its change. Fails before the first file is touched when a text cannot be written.
fn write_all<'c>(changes: &'c [Change], side: impl Fn(&'c Change) -> Option<&'c str>) -> anyhow::Result<()> {
    let mut ready = Vec::new();
    for change in changes {
        if let Some(text) = side(change) {
            match prepared(&change.path, text) {
                Ok(temporary) => ready.push((temporary, &change.path)),
                Err(error) => {
                    for (temporary, _) in ready {
                        let _ = std::fs::remove_file(temporary);
                    }
                    return Err(error);
                }
            }
        }
    }
    for (temporary, path) in ready {
        std::fs::rename(&temporary, path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for change in changes.iter().filter(|change| side(change).is_none()) {
        match std::fs::remove_file(&change.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", change.path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes a text beside its target, with the target's permissions.
fn prepared(path: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let file = path.file_name().map_or_else(String::new, |file| file.to_string_lossy().into_owned());
    let temporary = path.with_file_name(format!(".{file}.unlith-{}", std::process::id()));
    std::fs::write(&temporary, text).with_context(|| format!("cannot write beside {}", path.display()))?;
    if let Ok(metadata) = std::fs::metadata(path) {
        let _ = std::fs::set_permissions(&temporary, metadata.permissions());
    }
    Ok(temporary)
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

/// What was written here, oldest first.
struct Journal {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Journal {
    fn open(root: &Path) -> anyhow::Result<Journal> {
        let path = journal_dir(root).join("unlith-journal.json");
        let entries = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is not a journal of this program", path.display()))?,
            Err(_) => Vec::new(),
        };
        Ok(Journal { path, entries })
    }

    fn save(&self) -> anyhow::Result<()> {
        if self.entries.is_empty() {
            let _ = std::fs::remove_file(&self.path);
            return Ok(());
        }
        let text = serde_json::to_string(&self.entries)?;
        let temporary = prepared(&self.path, &text)?;
        std::fs::rename(temporary, &self.path)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Where the journal is kept: with git's own files where there is git, so that it is nobody's change.
fn journal_dir(root: &Path) -> PathBuf {
    let output = Command::new("git").arg("-C").arg(root).args(["rev-parse", "--absolute-git-dir"]).output();
    match output {
        Ok(output) if output.status.success() => {
            PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        }
        _ => root.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::FileEdit;

    fn dir(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("unlith-apply-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("temporary directories can be made");
        dir
    }

    fn edit(dir: &Path, file: &str, action: EditAction, old: &str, new: &str) -> FileEdit {
        FileEdit {
            path: dir.join(file),
            shown: file.into(),
            action,
            old_text: old.into(),
            new_text: new.into(),
        }
    }

    fn files(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(dir)
            .expect("is there")
            .map(|entry| entry.expect("is readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    const CLEAN: Checks = Checks { dirty: false };

    #[test]
    fn a_patch_is_written_and_taken_back() {
        let dir = dir("both");
        std::fs::write(dir.join("a.ml"), "old\n").expect("writable");
        std::fs::write(dir.join("b.ml"), "gone\n").expect("writable");
        let patch = Patch {
            edits: vec![
                edit(&dir, "a.ml", EditAction::Modify, "old\n", "new\n"),
                edit(&dir, "b.ml", EditAction::Delete, "gone\n", ""),
                edit(&dir, "c.ml", EditAction::Create, "", "more\n"),
            ],
            ..Patch::default()
        };
        apply(&dir, &patch, CLEAN).expect("applies");
        assert_eq!(std::fs::read_to_string(dir.join("a.ml")).expect("is there"), "new\n");
        assert_eq!(files(&dir), ["a.ml", "c.ml", "unlith-journal.json"]);
        reverse(&dir, CLEAN).expect("reverses");
        assert_eq!(std::fs::read_to_string(dir.join("a.ml")).expect("is there"), "old\n");
        assert_eq!(files(&dir), ["a.ml", "b.ml"]);
        assert!(reverse(&dir, CLEAN).is_err());
    }

    #[test]
    fn all_files_or_none() {
        let dir = dir("none");
        std::fs::write(dir.join("a.ml"), "old\n").expect("writable");
        let patch = Patch {
            edits: vec![
                edit(&dir, "a.ml", EditAction::Modify, "old\n", "new\n"),
                edit(&dir, "missing/c.ml", EditAction::Create, "", "more\n"),
            ],
            ..Patch::default()
        };
        assert!(apply(&dir, &patch, CLEAN).is_err());
        assert_eq!(std::fs::read_to_string(dir.join("a.ml")).expect("is there"), "old\n");
        assert_eq!(files(&dir), ["a.ml"]);
    }

    #[test]
    fn a_file_that_changed_is_left_alone() {
        let dir = dir("changed");
        std::fs::write(dir.join("a.ml"), "mine\n").expect("writable");
        let patch = Patch {
            edits: vec![edit(&dir, "a.ml", EditAction::Modify, "old\n", "new\n")],
            ..Patch::default()
        };
        assert!(apply(&dir, &patch, CLEAN).is_err());
        assert_eq!(files(&dir), ["a.ml"]);
    }
}
