//! Patches on real files, whole and interrupted.

use super::*;
use crate::split::FileEdit;

/// A directory that goes away with the test.
fn dir(name: &str) -> tempfile::TempDir {
    let prefix = format!("unlith-apply-{name}-");
    tempfile::Builder::new().prefix(&prefix).tempdir().expect("temporary directories can be made")
}

fn edit(dir: &Path, file: &str, action: EditAction, old: &str, new: &str) -> FileEdit {
    FileEdit { path: dir.join(file), shown: file.into(), action, old_text: old.into(), new_text: new.into() }
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
    let temporary = dir("both");
    let dir = temporary.path();
    std::fs::write(dir.join("a.ml"), "old\n").expect("writable");
    std::fs::write(dir.join("b.ml"), "gone\n").expect("writable");
    let patch = Patch {
        edits: vec![
            edit(dir, "a.ml", EditAction::Modify, "old\n", "new\n"),
            edit(dir, "b.ml", EditAction::Delete, "gone\n", ""),
            edit(dir, "c.ml", EditAction::Create, "", "more\n"),
        ],
        ..Patch::default()
    };
    apply(dir, &patch, CLEAN).expect("applies");
    assert_eq!(std::fs::read_to_string(dir.join("a.ml")).expect("is there"), "new\n");
    assert_eq!(files(dir), ["a.ml", "c.ml", "unlith-journal.json"]);
    reverse(dir, CLEAN).expect("reverses");
    assert_eq!(std::fs::read_to_string(dir.join("a.ml")).expect("is there"), "old\n");
    assert_eq!(files(dir), ["a.ml", "b.ml"]);
    assert!(reverse(dir, CLEAN).is_err());
}

#[test]
fn all_files_or_none() {
    let temporary = dir("none");
    let dir = temporary.path();
    std::fs::write(dir.join("a.ml"), "old\n").expect("writable");
    let patch = Patch {
        edits: vec![
            edit(dir, "a.ml", EditAction::Modify, "old\n", "new\n"),
            edit(dir, "missing/c.ml", EditAction::Create, "", "more\n"),
        ],
        ..Patch::default()
    };
    assert!(apply(dir, &patch, CLEAN).is_err());
    assert_eq!(std::fs::read_to_string(dir.join("a.ml")).expect("is there"), "old\n");
    assert_eq!(files(dir), ["a.ml"]);
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_left_alone() {
    use std::os::unix::fs::symlink;
    let temporary = dir("links");
    let dir = temporary.path();
    let elsewhere = dir.join("elsewhere");
    let tree = dir.join("tree");
    std::fs::create_dir_all(&elsewhere).expect("temporary");
    std::fs::create_dir_all(&tree).expect("temporary");
    std::fs::write(elsewhere.join("a.ml"), "old\n").expect("writable");
    symlink(elsewhere.join("a.ml"), tree.join("a.ml")).expect("links can be made");
    symlink(elsewhere.join("nothing.ml"), tree.join("c.ml")).expect("links can be made");
    symlink(&elsewhere, tree.join("lib")).expect("links can be made");
    symlink(&tree, dir.join("again")).expect("links can be made");
    for (file, action, old) in [
        ("a.ml", EditAction::Modify, "old\n"),
        ("a.ml", EditAction::Delete, "old\n"),
        ("lib/a.ml", EditAction::Modify, "old\n"),
        ("c.ml", EditAction::Create, ""),
        ("lib/c.ml", EditAction::Create, ""),
    ] {
        let patch = Patch { edits: vec![edit(&tree, file, action, old, "new\n")], ..Patch::default() };
        for root in [&tree, &dir.join("again")] {
            assert!(apply(root, &patch, CLEAN).is_err(), "{file}");
        }
        assert_eq!(files(&tree), ["a.ml", "c.ml", "lib"]);
        assert_eq!(files(&elsewhere), ["a.ml"]);
    }
    // The root itself may be found by a link.
    std::fs::write(tree.join("b.ml"), "old\n").expect("writable");
    let edits = vec![edit(&dir.join("again"), "b.ml", EditAction::Modify, "old\n", "new\n")];
    apply(&dir.join("again"), &Patch { edits, ..Patch::default() }, CLEAN).expect("applies");
}

#[test]
fn a_file_that_changed_is_left_alone() {
    let temporary = dir("changed");
    let dir = temporary.path();
    std::fs::write(dir.join("a.ml"), "mine\n").expect("writable");
    let patch =
        Patch { edits: vec![edit(dir, "a.ml", EditAction::Modify, "old\n", "new\n")], ..Patch::default() };
    assert!(apply(dir, &patch, CLEAN).is_err());
    assert_eq!(files(dir), ["a.ml"]);
}

/// A hand that stops, as if the process were killed: from then on nothing that it is told is done.
struct Dying {
    left: usize,
}

impl Dying {
    fn does(&mut self) -> std::io::Result<()> {
        let dead = || std::io::Error::other("killed");
        self.left = self.left.checked_sub(1).ok_or_else(dead)?;
        Ok(())
    }
}

impl Hand for Dying {
    fn write(&mut self, path: &Path, text: &str) -> std::io::Result<()> {
        if let Err(error) = self.does() {
            // Killed in the middle of a text, once.
            if !path.exists() {
                std::fs::write(path, &text[..text.len() / 2])?;
            }
            return Err(error);
        }
        Disk.write(path, text)
    }
    fn rename(&mut self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.does()?;
        Disk.rename(from, to)
    }
    fn remove(&mut self, path: &Path) -> std::io::Result<()> {
        self.does()?;
        Disk.remove(path)
    }
}

/// Killed at any operation of writing a patch, and at any of taking it back: the files are as before or as after, or
/// `--reverse` makes them as before and leaves nothing behind.
#[test]
fn whenever_it_is_killed_the_files_can_be_brought_back() {
    let temporary = dir("killed");
    let dir = temporary.path();
    let patch = Patch {
        edits: vec![
            edit(dir, "a.ml", EditAction::Modify, "old a\n", "new a\n"),
            edit(dir, "b.ml", EditAction::Delete, "gone\n", ""),
            edit(dir, "c.ml", EditAction::Create, "", "more\n"),
            edit(dir, "d.ml", EditAction::Modify, "old d\n", "new d\n"),
        ],
        ..Patch::default()
    };
    let begin = || {
        files(dir).iter().for_each(|file| std::fs::remove_file(dir.join(file)).expect("it was listed"));
        for (file, text) in [("a.ml", "old a\n"), ("b.ml", "gone\n"), ("d.ml", "old d\n")] {
            std::fs::write(dir.join(file), text).expect("writable");
        }
    };
    let texts = || -> Vec<(String, String)> {
        let shown = files(dir).into_iter().filter(|file| !file.contains("unlith"));
        shown
            .map(|file| (file.clone(), std::fs::read_to_string(dir.join(&file)).expect("readable")))
            .collect()
    };
    begin();
    let before = texts();
    let mut n_states = std::collections::BTreeSet::new();
    for first in 0..40 {
        begin();
        let applied = apply_by(&mut Dying { left: first }, dir, &patch, CLEAN);
        n_states.insert(texts());
        for second in 0..40 {
            // From the same interrupted state, killed again while it is taken back, and then let through.
            begin();
            let _ = apply_by(&mut Dying { left: first }, dir, &patch, CLEAN);
            let taken_back = reverse_by(&mut Dying { left: second }, dir, CLEAN);
            if taken_back.is_err() && dir.join("unlith-journal.json").exists() {
                reverse(dir, CLEAN).unwrap_or_else(|error| panic!("{first} {second}: {error:#}"));
            }
            assert_eq!(texts(), before, "killed at {first}, then at {second}");
            if taken_back.is_ok() {
                break;
            }
        }
        if applied.is_ok() {
            assert!(first > 8, "it took {first} operations only");
            assert!(n_states.len() >= 5, "{} states were seen", n_states.len());
            return;
        }
    }
    panic!("it never came to an end");
}
