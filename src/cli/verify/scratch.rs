//! A scratch copy of a workspace: made, written to, and gone when nobody needs it any more.

use crate::cli::failure::Failure;
use crate::project::{Content, Vendored};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// Directories that hold what is built or stored, not what is built from.
const LEFT_OUT: [&str; 5] = ["_build", ".git", "_opam", ".hg", "node_modules"];

/// A directory of its own, removed when dropped unless it is to be kept.
pub(super) struct Scratch {
    root: PathBuf,
    is_kept: bool,
}

impl Scratch {
    /// Makes an empty one: `keep` itself, which must not exist, or a fresh directory among the system's temporary files.
    pub(super) fn new(keep: Option<&Path>) -> anyhow::Result<Scratch> {
        let root = match keep {
            Some(path) => path.to_path_buf(),
            None => std::env::temp_dir().join(format!("unlith-verify-{}", std::process::id())),
        };
        fs::create_dir(&root).map_err(|error| {
            Failure::error(
                format!("cannot make the scratch directory `{}`: {error}", root.display()),
                "name a directory that does not exist yet with --keep, or make room where TMPDIR points to",
            )
        })?;
        let root = fs::canonicalize(&root)?;
        Ok(Scratch { root, is_kept: keep.is_some() })
    }

    /// Its path, links resolved.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Copies the files of a workspace.
    pub(super) fn copy(&self, workspace: &Path) -> anyhow::Result<()> {
        copy_tree(workspace, &self.root, &self.root)
    }

    /// Copies the files of a project to a directory of the copy.
    pub(super) fn copy_to(&self, project: &Path, dir: &Path) -> anyhow::Result<()> {
        copy_tree(project, &self.root.join(dir), &self.root)
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

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.is_kept {
            // A directory that stays behind is a nuisance, not a wrong result.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// Copies files and directories; links are copied as what they lead to, unless that is the tree itself.
fn copy_tree(from: &Path, to: &Path, scratch: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make `{}`", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot list `{}`", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let path = entry.path();
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let kind = entry.file_type()?;
        let Ok(meta) = fs::metadata(&path) else { continue }; // a link that leads nowhere
        let is_dir = meta.is_dir();
        let real = || fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if is_dir && (real() == *scratch || (kind.is_symlink() && from.starts_with(real()))) {
            continue;
        }
        if is_dir {
            copy_tree(&path, &to.join(&name), scratch)?;
        } else if meta.is_file() {
            fs::copy(&path, to.join(&name)).with_context(|| format!("cannot copy `{}`", path.display()))?;
        }
    }
    Ok(())
}
