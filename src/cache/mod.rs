//! What was worked out before from the same bytes.
//!
//! A result is kept under a hash of all that it depends on: the content that it was made from, what was made, and the build
//! of the program that made it. So it holds in any clone and on any machine, and nothing ever has to be declared stale.
//! A result that is missing, cut short or spoilt is made again. That the disk is full or forbidden costs time only.
//!
//! Three kinds are kept: what single files and archives say ([`Cache::of`]), what the references of units mean, beside what was
//! read to find that out ([`Cache::kept`]), and whole answers ([`Answer`]).

mod answer;
mod packed;
mod store;
mod text;
mod trim;

pub use answer::{Answer, Question};
pub use packed::Packed;
pub use store::{CacheStats, Store};

use answer::Seen;
use serde::{Serialize, de::DeserializeOwned};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Hashed;

/// Contents shorter than this are worked out again: that is faster than to open a file.
const SHORT_BYTES: usize = 200;

/// The results kept on disk, or none.
#[derive(Debug, Default)]
pub struct Cache {
    store: Option<Store>,
    hits: AtomicU64,
    misses: AtomicU64,
    trace: answer::Trace,
}

impl Cache {
    /// Makes a cache that keeps nothing.
    #[must_use]
    pub fn none() -> Self {
        Cache::default()
    }
    /// Makes a cache over a directory of results.
    #[must_use]
    pub fn over(store: Store) -> Self {
        let mut cache = Cache::default();
        cache.store = Some(store);
        cache
    }
    /// Whether results are kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.store.is_some()
    }
    /// Returns what `compute` makes of `content`, from the store where it has been made before. `what` names the result.
    ///
    /// `compute` must depend on `content` and `what` alone.
    pub fn of<T: Serialize + DeserializeOwned>(
        &self,
        what: &str,
        content: &[u8],
        compute: impl FnOnce() -> T,
    ) -> T {
        let Some(store) = self.store.as_ref().filter(|_| content.len() >= SHORT_BYTES) else {
            return compute();
        };
        let hash = *blake3::hash(content).as_bytes();
        if let Some(found) = self.known(what, &hash) {
            return found;
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let made = compute();
        if let Ok(bytes) = postcard::to_stdvec(&made) {
            store.put(&store::key(what, &hash), &[&bytes], Hashed::Alone);
        }
        made
    }

    /// Returns what was made of the content of a hash.
    fn known<T: DeserializeOwned>(&self, what: &str, hash: &[u8; 32]) -> Option<T> {
        let bytes = self.store.as_ref()?.get(&store::key(what, hash), Hashed::Alone)?;
        let found = postcard::from_bytes(&bytes).ok()?;
        self.count_known();
        Some(found)
    }

    /// Counts a result that was known.
    pub fn count_known(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns what was made of a source file, where it is known what the file says now and what was made of that.
    pub fn of_source<T: DeserializeOwned>(&self, what: &str, path: &Path) -> Option<T> {
        let seen @ Seen::Source(hash) = self.seen_now(path)? else { return None };
        let found = self.known(what, &hash)?;
        self.trace.see(path, seen);
        Some(found)
    }

    /// Returns what `compute` makes of the content of a file, which is read where that is not known.
    ///
    /// # Errors
    /// What the file system says.
    pub fn of_file<T: Serialize + DeserializeOwned>(
        &self,
        what: &str,
        path: &Path,
        compute: impl FnOnce(&[u8]) -> T,
    ) -> io::Result<T> {
        if let Some(seen @ Seen::Bytes(hash)) = self.seen_now(path)
            && let Some(found) = self.known(what, &hash)
        {
            self.trace.see(path, seen);
            return Ok(found);
        }
        let bytes = self.read_bytes(path)?;
        Ok(self.of(what, &bytes, || compute(&bytes)))
    }
    /// Returns how many results were found, and how many were not.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }
}

impl Drop for Cache {
    /// Keeps the store within its bounds.
    fn drop(&mut self) {
        if let Some(store) = &self.store {
            store.settle();
        }
    }
}

/// How lists of names are kept: each name once, then which of them come one after another.
pub mod name_list {
    use crate::base::Name;
    use rustc_hash::FxHashMap;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a list of names.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(names: &[Name], serializer: S) -> Result<S::Ok, S::Error> {
        let mut distinct: Vec<&str> = Vec::new();
        let mut numbers: FxHashMap<Name, u32> = FxHashMap::default();
        let number = |&name: &Name| {
            *numbers.entry(name).or_insert_with(|| {
                distinct.push(name.as_str());
                distinct.len() as u32 - 1
            })
        };
        let list: Vec<u32> = names.iter().map(number).collect();
        (distinct, list).serialize(serializer)
    }

    /// Reads a list of names.
    ///
    /// # Errors
    /// Those of the deserializer, and numbers that name nothing.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Name>, D::Error> {
        let (distinct, list) = <(Vec<Name>, Vec<u32>)>::deserialize(deserializer)?;
        let name = |number: u32| {
            distinct.get(number as usize).copied().ok_or_else(|| D::Error::custom("a name of no number"))
        };
        list.into_iter().map(name).collect()
    }
}

#[cfg(test)]
mod tests;
