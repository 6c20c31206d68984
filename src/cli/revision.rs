//! Copies of a workspace: at a git revision, or as it is now without what builds leave.
//!
//! The user's repository is only read; the copies lie in a temporary directory that goes away with them.

use super::failure::Failure;
use super::transient::TransientDir;
use crate::base::read_regular;
use anyhow::Context;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy, which is removed when it is dropped.
pub(super) struct Copy {
    dir: TransientDir,
}

impl Copy {
    fn new() -> anyhow::Result<Copy> {
        let dir = TransientDir::new("unlith-");
        Ok(Copy { dir: dir.context("cannot make a temporary directory")? })
    }
    /// Returns the directory.
    pub(super) fn root(&self) -> &Path {
        self.dir.path()
    }
}

/// Returns the files of a directory at a revision.
pub(super) fn checkout(root: &Path, rev: &str) -> anyhow::Result<Copy> {
    // A revision that looks like an option must not become one.
    let commit =
        git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{rev}^{{commit}}")])
            .map_err(|_| {
                Failure::error(
                    format!("`{rev}` is no revision of the repository of `{}`", root.display()),
                    "`git log` lists revisions; the workspace has to lie in a git repository",
                )
            })?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let copy = Copy::new()?;
    let scratch = TransientDir::new("unlith-index-").context("cannot make a temporary directory")?;
    let index = scratch.path().join("index");
    let top = top(root)?;
    // `git archive` would leave out what `.gitattributes` keeps from releases. The index is one of our own, so nothing is written
    // to the repository.
    let tree = format!("{commit}:./");
    let read = git_with(root, &index, ["read-tree", &tree]);
    let prefix = format!("--prefix={}/", copy.root().display());
    read.and_then(|_| git_with(&top, &index, ["checkout-index", "--all", "--quiet", &prefix])).map_err(
        |error| {
            Failure::error(
                format!("git cannot give the files of `{rev}`: {error}"),
                "does the directory exist at that revision?",
            )
        },
    )?;
    Ok(copy)
}

/// Returns the root of the git repository that a directory lies in.
pub(super) fn top(root: &Path) -> anyhow::Result<PathBuf> {
    let top = git(root, ["rev-parse", "--show-toplevel"])?;
    Ok(PathBuf::from(OsStr::from_bytes(top.strip_suffix(b"\n").unwrap_or(&top))))
}

/// Returns the files of a directory as they are now: those that git tracks, and new ones that it does not ignore.
pub(super) fn working_tree(root: &Path) -> anyhow::Result<Copy> {
    let list =
        git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).map_err(|error| {
            Failure::error(
                format!("git cannot list the files of `{}`: {error}", root.display()),
                "revisions are compared in a git repository",
            )
        })?;
    let copy = Copy::new()?;
    for name in list.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let path = PathBuf::from(OsStr::from_bytes(name));
        let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        // A file that is gone since, or that is none: what is left is compared.
        let Ok(text) = read_regular(&root.join(&path), super::input::MAX_BYTES) else { continue };
        if !is_inside || path.components().any(|part| part.as_os_str() == "_build") {
            continue;
        }
        let to = copy.root().join(&path);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).context("cannot write to the temporary directory")?;
        }
        std::fs::write(&to, text).context("cannot write to the temporary directory")?;
    }
    Ok(copy)
}

/// Returns the files of a directory that differ between the commit from which the present one branched off `rev` and the files
/// as they are now, new ones included; seen from the directory.
pub(super) fn changed(root: &Path, rev: &str) -> anyhow::Result<Vec<PathBuf>> {
    let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{rev}^{{commit}}")];
    let commit = git(root, verify).map_err(|_| {
        Failure::error(
            format!("`{rev}` is no revision of the repository of `{}`", root.display()),
            "`git log` lists revisions; the workspace has to lie in a git repository, and a shallow clone has few",
        )
    })?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    // Without a common ancestor, a shallow clone for example, the revision itself is compared with.
    let base = git(root, ["merge-base", &commit, "HEAD"])
        .map_or(commit, |base| String::from_utf8_lossy(&base).trim().to_owned());
    let changed = git(root, ["diff", "--name-only", "-z", "--no-renames", "--relative", &base, "--", "."])
        .context("git cannot tell what changed")?;
    let new = git(root, ["ls-files", "-z", "--others", "--exclude-standard"])
        .context("git cannot list new files")?;
    let names = changed.split(|&byte| byte == 0).chain(new.split(|&byte| byte == 0));
    Ok(names.filter(|name| !name.is_empty()).map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
}

/// Returns the way from the root of the git repository to a directory in it: empty, or `a/b/`.
pub(super) fn prefix(root: &Path) -> String {
    let prefix = git(root, ["rev-parse", "--show-prefix"]).unwrap_or_default();
    String::from_utf8_lossy(&prefix).trim().to_owned()
}

/// Runs git in a directory and returns what it prints.
fn git<'a>(root: &Path, args: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Vec<u8>> {
    output(Command::new("git").arg("-C").arg(root).args(args))
}

/// The same with another index, which holds all that is put into it.
fn git_with<'a>(
    root: &Path,
    index: &Path,
    args: impl IntoIterator<Item = &'a str>,
) -> anyhow::Result<Vec<u8>> {
    let whole = ["-c", "core.splitIndex=false", "-c", "core.sparseCheckout=false"];
    output(Command::new("git").arg("-C").arg(root).args(whole).args(args).env("GIT_INDEX_FILE", index))
}

fn output(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output().context("cannot run git")?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(anyhow::anyhow!("{}", String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
