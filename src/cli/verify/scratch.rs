//! A scratch copy of a workspace: made, written to, and gone when nobody needs it any more.

use crate::cli::failure::Failure;
use crate::cli::transient::TransientDir;
use crate::project::{Content, Vendored};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// Directories that hold what is built or stored, not what is built from.
const LEFT_OUT: [&str; 5] = ["_build", ".git", "_opam", ".hg", "node_modules"];

/// Directories that links of a workspace lead to, at most: links between directories multiply what is below them.
const MAX_LINKED: usize = 10_000;

/// A directory of its own, removed when dropped unless it is to be kept.
pub(super) struct Scratch {
    root: PathBuf,
    /// Removes it; none for one that is kept.
    _fresh: Option<TransientDir>,
}

impl Scratch {
    /// Makes an empty one: `keep` itself, which must not exist, or a fresh directory among the system's temporary files.
    pub(super) fn new(keep: Option<&Path>) -> anyhow::Result<Scratch> {
        let failed = |root: &Path, error: &std::io::Error| {
            Failure::error(
                format!("cannot make the scratch directory `{}`: {error}", root.display()),
                "name a directory that does not exist yet with --keep, or make room where TMPDIR points to",
            )
        };
        let (root, fresh) = match keep {
            Some(path) => {
                fs::create_dir(path).map_err(|error| failed(path, &error))?;
                (path.to_path_buf(), None)
            }
            None => {
                let fresh = TransientDir::new("unlith-verify-");
                let fresh = fresh.map_err(|error| failed(&std::env::temp_dir(), &error))?;
                (fresh.path().to_path_buf(), Some(fresh))
            }
        };
        Ok(Scratch { root: fs::canonicalize(&root)?, _fresh: fresh })
    }

    /// Its path, links resolved.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Copies the files of a workspace, and what its rules may ask git.
    pub(super) fn copy(&self, workspace: &Path) -> anyhow::Result<()> {
        self.copy_to(workspace, Path::new(""))?;
        let git = workspace.join(".git");
        if fs::metadata(&git).is_ok_and(|meta| meta.is_dir()) {
            let copy = self.root.join(".git");
            // Where it is not such a repository, nothing fails but rules that ask git.
            if share_repository(&git, &copy).is_err() {
                let _ = fs::remove_dir_all(&copy);
            }
        }
        Ok(())
    }

    /// Copies the files of a project to a directory of the copy.
    pub(super) fn copy_to(&self, project: &Path, dir: &Path) -> anyhow::Result<()> {
        let real =
            fs::canonicalize(project).with_context(|| format!("cannot read `{}`", project.display()))?;
        let mut copier = Copier { scratch: &self.root, inside: vec![real], n_linked: 0 };
        copier.copy_tree(project, &self.root.join(dir))
    }

    /// Copies a file.
    pub(super) fn copy_file(&self, file: &Path, to: &Path) -> anyhow::Result<()> {
        let target = self.root.join(to);
        fs::copy(file, &target).with_context(|| format!("cannot write `{}`", target.display()))?;
        Ok(())
    }

    /// Writes the files of a workspace that was made.
    pub(super) fn write(&self, vendored: &Vendored) -> anyhow::Result<()> {
        for (path, content) in &vendored.files {
            let target = self.root.join(path);
            if let Some(dir) = target.parent() {
                fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
            }
            match content {
                Content::Text(text) => fs::write(&target, text),
                Content::CopyOf(from) => fs::copy(from, &target).map(|_| ()),
            }
            .with_context(|| format!("cannot write `{}`", target.display()))?;
        }
        Ok(())
    }
}

/// Makes a repository at the same commit with the same branches and tags, which reads the objects where they are and writes none
/// there: builds name versions after it.
fn share_repository(git: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to.join("objects/info"))?;
    let objects = fs::canonicalize(git.join("objects"))?;
    fs::write(to.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
    for file in ["HEAD", "packed-refs", "index", "shallow"] {
        let from = git.join(file);
        if from.is_file() {
            fs::copy(from, to.join(file))?;
        }
    }
    let mut todo = vec![PathBuf::from("refs")];
    while let Some(dir) = todo.pop() {
        fs::create_dir_all(to.join(&dir))?;
        for entry in fs::read_dir(git.join(&dir))? {
            let entry = entry?;
            let path = dir.join(entry.file_name());
            match entry.file_type()? {
                kind if kind.is_dir() => todo.push(path),
                kind if kind.is_file() => _ = fs::copy(entry.path(), to.join(path))?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Copies a tree. Links are copied as what they lead to, unless that is a directory that the copying is in.
struct Copier<'a> {
    /// Where copies go: it may lie in the tree.
    scratch: &'a Path,
    /// The directory that is being copied, links resolved, behind those that links led away from on the way to it.
    inside: Vec<PathBuf>,
    /// Directories so far that lie behind links.
    n_linked: usize,
}

impl Copier<'_> {
    fn copy_tree(&mut self, from: &Path, to: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(to).with_context(|| format!("cannot make `{}`", to.display()))?;
        let entries = fs::read_dir(from).with_context(|| format!("cannot list `{}`", from.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let path = entry.path();
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let is_link = entry.file_type()?.is_symlink();
            let Ok(meta) = fs::metadata(&path) else { continue }; // a link that leads nowhere
            if meta.is_dir() {
                self.copy_dir(&path, &to.join(&name), is_link)?;
            } else if meta.is_file() {
                fs::copy(&path, to.join(&name))
                    .with_context(|| format!("cannot copy `{}`", path.display()))?;
            }
        }
        Ok(())
    }

    /// Copies a directory of the tree. Ends because no link is followed back to where the copying is, and few are followed at all.
    fn copy_dir(&mut self, from: &Path, to: &Path, is_link: bool) -> anyhow::Result<()> {
        let real = fs::canonicalize(from).unwrap_or_else(|_| from.to_path_buf());
        let leads_back = is_link && self.inside.iter().any(|dir| dir.starts_with(&real));
        if leads_back || real == self.scratch {
            return Ok(());
        }
        self.n_linked += usize::from(is_link || self.inside.len() > 1);
        if self.n_linked > MAX_LINKED {
            return Err(Failure::error(
                format!("links lead to more than {MAX_LINKED} directories, to `{}` at last", from.display()),
                "remove links between directories of the workspace that it does not need",
            ));
        }
        let last = self.inside.len() - 1;
        let outer =
            if is_link { None } else { Some(std::mem::replace(&mut self.inside[last], real.clone())) };
        if is_link {
            self.inside.push(real);
        }
        self.copy_tree(from, to)?;
        match outer {
            Some(outer) => self.inside[last] = outer,
            None => self.inside.truncate(last + 1),
        }
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A workspace of so many directories in which each has two links to the next one.
    fn ladder(n_rungs: usize, next: impl Fn(usize) -> usize) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("temporary directories can be made");
        for rung in 0..n_rungs {
            let at = dir.path().join(format!("d{rung}"));
            fs::create_dir(&at).expect("a writable directory");
            fs::write(at.join("a.ml"), "let x = 1\n").expect("a writable directory");
            for link in ["left", "right"] {
                symlink(format!("../d{}", next(rung)), at.join(link)).expect("links can be made");
            }
        }
        dir
    }

    fn copied(workspace: &Path) -> (Scratch, Result<(), String>) {
        let scratch = Scratch::new(None).expect("temporary directories can be made");
        let result = scratch.copy(workspace).map_err(|error| error.to_string());
        (scratch, result)
    }

    #[test]
    fn links_in_circles_are_copied_once() {
        let dir = ladder(2, |rung| 1 - rung);
        symlink(dir.path(), dir.path().join("d0/all")).expect("links can be made");
        let (scratch, result) = copied(dir.path());
        assert_eq!(result, Ok(()));
        let has = |path: &str| scratch.root().join(path).exists();
        assert!(has("d0/a.ml") && has("d0/left/a.ml") && has("d1/right/a.ml"));
        assert!(!has("d0/left/left") && !has("d0/all"), "a link leads back to what is being copied");
    }

    #[test]
    fn links_that_multiply_are_refused() {
        let dir = ladder(40, |rung| rung + 1);
        let (_, result) = copied(dir.path());
        let message = result.expect_err("two to the fortieth copies");
        assert!(message.contains("links lead to more than 10000 directories"), "{message}");
    }

    /// What git says in a directory; none where there is no git.
    fn git(dir: &Path, words: &[&str]) -> Option<String> {
        let who = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
        let mut command = std::process::Command::new("git");
        let output = command.args(who).args(words).current_dir(dir).output().ok()?;
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    #[test]
    fn the_copy_knows_its_version_and_leaves_the_repository_alone() {
        let dir = tempfile::tempdir().expect("temporary directories can be made");
        fs::write(dir.path().join("a.ml"), "let x = 1\n").expect("a writable directory");
        let in_first = |words: &[&str]| git(dir.path(), words);
        if in_first(&["init", "--quiet"]).is_none() {
            return; // skipped: needs git
        }
        in_first(&["add", "."]);
        in_first(&["commit", "--quiet", "-m", "one"]);
        in_first(&["tag", "-a", "1.2.3", "-m", "one"]);
        let (scratch, result) = copied(dir.path());
        assert_eq!(result, Ok(()));
        let in_copy = |words: &[&str]| git(scratch.root(), words);
        assert_eq!(in_copy(&["describe", "--always", "--dirty"]).as_deref(), Some("1.2.3"));
        fs::write(scratch.root().join("a.ml"), "let x = 2\n").expect("a writable directory");
        in_copy(&["commit", "--quiet", "-a", "-m", "two"]);
        assert_eq!(in_first(&["describe", "--always", "--dirty"]).as_deref(), Some("1.2.3"));
    }

    #[test]
    fn a_repository_that_is_none_is_left_out() {
        let dir = tempfile::tempdir().expect("temporary directories can be made");
        fs::create_dir_all(dir.path().join(".git/refs")).expect("a writable directory");
        fs::write(dir.path().join("a.ml"), "let x = 1\n").expect("a writable directory");
        let (scratch, result) = copied(dir.path());
        assert_eq!(result, Ok(()));
        assert!(scratch.root().join("a.ml").exists() && !scratch.root().join(".git").exists());
    }

    #[test]
    fn the_scratch_directory_goes_unless_it_is_kept() {
        let dir = tempfile::tempdir().expect("temporary directories can be made");
        let keep = dir.path().join("kept");
        drop(Scratch::new(Some(&keep)).expect("it does not exist yet"));
        assert!(keep.is_dir() && Scratch::new(Some(&keep)).is_err());
        let fresh = Scratch::new(None).expect("temporary directories can be made");
        let root = fresh.root().to_path_buf();
        assert!(root.is_dir());
        drop(fresh);
        assert!(!root.exists());
    }
}
