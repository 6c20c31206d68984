//! What was written here, oldest first: enough to take it back, whenever everything stopped.

use super::hand::Hand;
use super::{Change, prepared, temporary};
use crate::base::read_regular;
use crate::cli::failure::Failure;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE: &str = "unlith-journal.json";

/// One patch that was written, or begun.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) is_done: bool,
    pub(super) changes: Vec<Change>,
    /// The process that wrote it, by which its temporary files are known.
    #[serde(default)]
    pub(super) process: u32,
}

/// The list, and where it is kept.
pub(super) struct Journal {
    pub(super) path: PathBuf,
    pub(super) entries: Vec<Entry>,
}

impl Journal {
    pub(super) fn open(root: &Path) -> anyhow::Result<Journal> {
        let path = dir(root).join(FILE);
        let entries = match read_regular(&path, crate::cli::input::MAX_BYTES) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is not a journal of this program", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(Journal { path, entries })
    }

    pub(super) fn save(&self, hand: &mut impl Hand) -> anyhow::Result<()> {
        if self.entries.is_empty() {
            return match hand.remove(&self.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(error).with_context(|| format!("cannot remove {}", self.path.display()))
                }
                _ => Ok(()),
            };
        }
        let text = serde_json::to_string(&self.entries)?;
        let temporary = prepared(hand, &self.path, &text, std::process::id())?;
        hand.rename(&temporary, &self.path).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Removes what processes that were killed have left beside the targets of an entry and beside the journal.
    pub(super) fn sweep(&self, entry: &Entry, hand: &mut impl Hand) {
        for change in &entry.changes {
            let _ = hand.remove(&temporary(&change.path, entry.process));
        }
        let prefix = format!(".{FILE}.unlith-");
        let beside = self.path.parent().and_then(|dir| std::fs::read_dir(dir).ok()).into_iter().flatten();
        for file in beside.flatten().filter(|file| file.file_name().to_string_lossy().starts_with(&prefix)) {
            let _ = hand.remove(&file.path());
        }
    }
}

/// Keeps other processes from writing here as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    /// Held as long as it is open.
    _dir: Option<File>,
}

impl Lock {
    /// Takes the directory of the journal for this process: two that write at once would each lose what the other notes. The kernel
    /// gives it back when the process ends, however it ends, and nothing is left on the disk. Where a file system has no locks, and on
    /// systems other than Unix, nobody is kept away.
    pub(super) fn take(root: &Path) -> anyhow::Result<Lock> {
        let Ok(dir) = File::open(dir(root)) else { return Ok(Lock { _dir: None }) };
        #[cfg(unix)]
        if rustix::fs::flock(&dir, rustix::fs::FlockOperation::NonBlockingLockExclusive)
            == Err(rustix::io::Errno::WOULDBLOCK)
        {
            return Err(Failure::error(
                "another process is changing files here",
                "wait until it is done, and run the command again",
            ));
        }
        Ok(Lock { _dir: Some(dir) })
    }
}

/// Where the journal is kept: with git's own files where there is git, so that it is nobody's change.
fn dir(root: &Path) -> PathBuf {
    let output = Command::new("git").arg("-C").arg(root).args(["rev-parse", "--absolute-git-dir"]).output();
    match output {
        Ok(output) if output.status.success() => {
            PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        }
        _ => root.to_path_buf(),
    }
}
