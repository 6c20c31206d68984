//! Keeps the directory of results within its bounds: what was not used for the longest time goes.

use super::store::{DIR_PREFIX, PART_PREFIX};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file whose time says when the directory was looked through last.
const LOOKED: &str = "looked";
/// The mark by which back-up programs know a cache: https://bford.info/cachedir/
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str =
    "Signature: 8a477f597d28d172789f06886806bc55\n# Results that unlith can work out again.\n";
/// The directory is looked through again after this time.
const INTERVAL: Duration = Duration::from_secs(3600);

/// One file of the store.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) n_bytes: u64,
    used: SystemTime,
}

/// All results under a directory, those half written left out, in no order.
pub(super) fn entries(root: &Path) -> Vec<Entry> {
    files(root).into_iter().filter(|entry| !is_part(&entry.path)).collect()
}

fn is_part(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PART_PREFIX))
}

fn builds(root: &Path) -> Vec<PathBuf> {
    let is_ours = |entry: &fs::DirEntry| {
        entry.file_name().to_string_lossy().starts_with(DIR_PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    };
    fs::read_dir(root).into_iter().flatten().flatten().filter(is_ours).map(|entry| entry.path()).collect()
}

fn files(root: &Path) -> Vec<Entry> {
    let mut found = Vec::new();
    let dirs = builds(root).into_iter().flat_map(|build| fs::read_dir(build).into_iter().flatten().flatten());
    for dir in dirs.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        for entry in fs::read_dir(dir.path()).into_iter().flatten().flatten() {
            // Another process may remove what this one lists.
            if let Ok(meta) = entry.metadata()
                && meta.is_file()
            {
                let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push(Entry { path: entry.path(), n_bytes: meta.len(), used });
            }
        }
    }
    found
}

/// Removes all results and the directories that held them.
pub(super) fn remove_all(root: &Path) -> io::Result<()> {
    for build in builds(root) {
        match fs::remove_dir_all(&build) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    for name in [LOOKED, TAG] {
        let _ = fs::remove_file(root.join(name));
    }
    Ok(())
}

/// After so many bytes were written: looks the directory through, unless that was done lately and they are few.
pub(super) fn settle(root: &Path, max_bytes: u64, written: u64) {
    let looked = root.join(LOOKED);
    let age =
        fs::metadata(&looked).and_then(|meta| meta.modified()).ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age < INTERVAL) && written < max_bytes / 10 {
        return;
    }
    let tag = root.join(TAG);
    if !tag.exists() {
        let _ = fs::write(tag, TAG_TEXT);
    }
    let _ = fs::write(looked, "");
    trim(root, max_bytes);
}

/// Removes what was not used for the longest time, until nine tenths of the bound are held.
fn trim(root: &Path, max_bytes: u64) {
    let mut files = files(root);
    let now = SystemTime::now();
    // A writer that was interrupted leaves a part; one that is at work is younger.
    files.retain(|entry| {
        let is_left = is_part(&entry.path) && now.duration_since(entry.used).is_ok_and(|age| age > INTERVAL);
        if is_left {
            let _ = fs::remove_file(&entry.path);
        }
        !is_part(&entry.path)
    });
    let mut held: u64 = files.iter().map(|entry| entry.n_bytes).sum();
    if held <= max_bytes {
        return;
    }
    files.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
    for entry in files {
        if held <= max_bytes / 10 * 9 {
            break;
        }
        if fs::remove_file(&entry.path).is_ok() {
            held -= entry.n_bytes;
        }
    }
    for build in builds(root) {
        for dir in fs::read_dir(&build).into_iter().flatten().flatten() {
            let _ = fs::remove_dir(dir.path()); // only where it is empty
        }
        let _ = fs::remove_dir(&build);
    }
}
