//! The directory of results: one file each, written aside and renamed, so that no reader ever sees a part of one.

use super::trim;
use crate::base::open_regular;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// What every file of this layout starts with.
const MAGIC: &[u8; 8] = b"unlith1\n";
/// What tells a result from any other: half of its hash.
pub(super) type Sum = [u8; 16];
/// Pieces of so many bytes and more are hashed on all threads.
const LONG: usize = 1 << 20;
/// The build that made this program: each reads its own results.
const BUILD: &str = env!("UNLITH_BUILD");
/// Directories of results start so.
pub(super) const DIR_PREFIX: &str = "v1-";
/// Files that are being written start so.
pub(super) const PART_PREFIX: &str = "part-";
/// A result that is used is marked as such when it was not for so long.
const FRESH: Duration = Duration::from_secs(24 * 3600);

/// The name of a result.
pub(super) type Key = blake3::Hash;

/// Returns the name of the result `what` of a content.
pub(super) fn key(what: &str, content: &[u8]) -> Key {
    let mut hasher = blake3::Hasher::new();
    for part in [BUILD.as_bytes(), what.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(content);
    hasher.finalize()
}

/// On which threads a result is hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hashed {
    /// On this one. A thread that waits for others takes up what else there is to do; where it is about to read a file, that may
    /// be something which needs the same file, and so waits for itself.
    Alone,
    /// Long pieces on all.
    Together,
}

/// Returns the checksum of a result: it tells the content from any other, and from that of another name.
fn sum_of(key: &Key, content: &[&[u8]], hashed: Hashed) -> Sum {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes());
    for piece in content {
        match (piece.len(), hashed) {
            (LONG.., Hashed::Together) => hasher.update_rayon(piece),
            _ => hasher.update(piece),
        };
    }
    let mut sum = Sum::default();
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..size_of::<Sum>()]);
    sum
}

/// A directory of results.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    max_bytes: u64,
    written: AtomicU64,
    /// Nothing is written any more: the disk is full, or the directory forbidden.
    is_closed: AtomicBool,
}

/// What a store holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CacheStats {
    /// Results.
    pub n_entries: u64,
    /// Their bytes.
    pub n_bytes: u64,
    /// Results of this very build of the program.
    pub n_own: u64,
}

impl Store {
    /// Makes the store under a directory, which need not exist, for so many bytes.
    #[must_use]
    pub fn new(root: PathBuf, max_bytes: u64) -> Self {
        Store { root, max_bytes, written: AtomicU64::new(0), is_closed: AtomicBool::new(false) }
    }
    /// Returns the directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Returns how many bytes it may hold.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }
    /// Returns what it holds.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        let own = self.own_dir();
        let mut stats = CacheStats::default();
        for entry in trim::entries(&self.root) {
            stats.n_entries += 1;
            stats.n_bytes += entry.n_bytes;
            stats.n_own += u64::from(entry.path.starts_with(&own));
        }
        stats
    }
    /// Removes all results, of all builds; what else lies in the directory stays.
    ///
    /// # Errors
    /// What the file system says.
    pub fn clean(&self) -> io::Result<CacheStats> {
        let stats = self.stats();
        trim::remove_all(&self.root)?;
        Ok(stats)
    }

    fn own_dir(&self) -> PathBuf {
        self.root.join(format!("{DIR_PREFIX}{BUILD}"))
    }

    fn path(&self, key: &Key) -> PathBuf {
        let hex = key.to_hex();
        self.own_dir().join(&hex[..2]).join(&hex[2..])
    }

    /// Returns a result, if it is there and whole.
    pub(super) fn get(&self, key: &Key, hashed: Hashed) -> Option<Vec<u8>> {
        self.read(key, None, hashed)
    }

    /// The same, if it is the one of this checksum.
    pub(super) fn get_same(&self, key: &Key, sum: Sum) -> Option<Vec<u8>> {
        self.read(key, Some(sum), Hashed::Together)
    }

    fn read(&self, key: &Key, wanted: Option<Sum>, hashed: Hashed) -> Option<Vec<u8>> {
        let (mut file, n_bytes) = open_regular(&self.path(key)).ok()?;
        if n_bytes == 0 {
            return None;
        }
        let meta = file.metadata().ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).ok()?.min(1 << 30));
        let mut head = [0; MAGIC.len() + size_of::<Sum>()];
        file.read_exact(&mut head).ok()?;
        let sum = head.strip_prefix(MAGIC)?;
        if wanted.is_some_and(|wanted| wanted != *sum) {
            return None;
        }
        file.read_to_end(&mut bytes).ok()?;
        if sum_of(key, &[&bytes], hashed) != *sum {
            return None;
        }
        let is_old = meta.modified().ok()?.elapsed().is_ok_and(|age| age > FRESH);
        if is_old {
            // Where that is forbidden, the result looks older than it is, and goes a little early.
            let _ = file.set_modified(SystemTime::now());
        }
        Some(bytes)
    }

    /// Keeps a result, in pieces; its checksum is returned. What goes wrong is nobody's business: the result will be made again.
    pub(super) fn put(&self, key: &Key, content: &[&[u8]], hashed: Hashed) -> Option<Sum> {
        if self.is_closed.load(Ordering::Relaxed) {
            return None;
        }
        let sum = sum_of(key, content, hashed);
        match self.write(&self.path(key), sum, content) {
            Ok(n_bytes) => {
                self.written.fetch_add(n_bytes, Ordering::Relaxed);
                Some(sum)
            }
            Err(_) => {
                self.is_closed.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    /// Writes a result. Returns the length of its content.
    fn write(&self, path: &Path, sum: Sum, content: &[&[u8]]) -> io::Result<u64> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let dir = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(dir)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let part = dir.join(format!("{PART_PREFIX}{}-{number}", std::process::id()));
        let written = (|| {
            let mut file = fs::File::create_new(&part)?;
            file.write_all(MAGIC)?;
            file.write_all(&sum)?;
            content.iter().try_for_each(|piece| file.write_all(piece))?;
            drop(file);
            fs::rename(&part, path)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written.map(|()| content.iter().map(|piece| piece.len() as u64).sum())
    }

    /// At the end of a run: marks a directory that was made as a cache, and keeps it within its bounds.
    pub(super) fn settle(&self) {
        let written = self.written.swap(0, Ordering::Relaxed);
        if written > 0 {
            trim::settle(&self.root, self.max_bytes, written);
        }
    }
}
