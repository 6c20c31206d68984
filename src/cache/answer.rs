//! Whole answers: what a command printed, with everything that was read to work it out.
//!
//! The key of an answer is the question: what was asked, and the project as it was found. What files said then is listed in the
//! answer, each file with a hash of its content; it holds as long as every one of them still says the same. Nothing is taken on the
//! word of a clock.

use super::store::{Hashed, Key, Sum, key};
use super::{Cache, Store, text};
use crate::base::{open_regular, read_regular};
use crate::project::read_source;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};

/// What a command printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// On standard error.
    pub said: String,
    /// The report, in pieces.
    pub text: Vec<String>,
    /// Whether something asked for is missing.
    pub is_incomplete: bool,
}

/// What a file was when it was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Seen {
    /// A source of this content; a compiled interface as the text of its signature.
    Source([u8; 32]),
    /// A file of this content.
    Bytes([u8; 32]),
    /// A file that was not opened.
    File,
    /// A directory, or something else that is no file.
    Other,
    /// Nothing.
    Absent,
}

impl Seen {
    /// Looks again, in the same way.
    fn again(self, path: &Path) -> Option<Seen> {
        match self {
            Seen::Source(_) => {
                read_source(path).ok().map(|text| Seen::Source(*blake3::hash(&text).as_bytes()))
            }
            Seen::Bytes(_) => {
                // An archive of ten megabytes is not wanted in memory.
                let mut hasher = blake3::Hasher::new();
                let (file, n_bytes) = open_regular(path).ok()?;
                if n_bytes > 0 {
                    hasher.update_reader(file).ok()?;
                }
                Some(Seen::Bytes(*hasher.finalize().as_bytes()))
            }
            Seen::File | Seen::Other | Seen::Absent => Some(Seen::outside(path)),
        }
    }

    /// What a file is without a look inside.
    fn outside(path: &Path) -> Seen {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => Seen::File,
            Ok(_) => Seen::Other,
            Err(_) => Seen::Absent,
        }
    }
}

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Trace {
    seen: Mutex<BTreeMap<PathBuf, Seen>>,
    /// What files say now that an earlier answer went by, whether this process asks for them or not.
    now: RwLock<FxHashMap<PathBuf, Seen>>,
    /// Something could not be read, or said one thing now and another then.
    is_broken: AtomicBool,
}

impl Trace {
    pub(super) fn see(&self, path: &Path, seen: Seen) {
        let mut all = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let before = all.insert(path.to_path_buf(), seen);
        let is_same = before.is_none_or(|before| {
            before == seen || (before == Seen::File && !matches!(seen, Seen::Other | Seen::Absent))
        });
        if !is_same {
            self.is_broken.store(true, Ordering::Relaxed);
        }
    }
}

/// An answer as it is kept, but for the text: that is long, and nobody wants it where the answer does not hold any more.
#[derive(Serialize, Deserialize)]
struct Entry {
    seen: Vec<(PathBuf, Seen)>,
    said: String,
    is_incomplete: bool,
    /// Another process may have kept another text meanwhile.
    text: Sum,
}

/// A question, by its hash.
#[derive(Clone, Copy, Debug)]
pub struct Question(Key);

impl Question {
    /// The name under which the text of the answer is kept.
    fn text(self) -> Key {
        key("text of an answer", self.0.as_bytes())
    }
}

/// Longer files are not wanted in memory.
const BYTES_LIMIT: u64 = 1 << 30;

impl Cache {
    /// Reads a source file, and remembers what it said.
    ///
    /// # Errors
    /// Those of [`read_source`].
    pub fn read_source(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path, read_source(path), Seen::Source)
    }

    /// Reads a file, and remembers what it said.
    ///
    /// # Errors
    /// What the file system says; also for what is not a regular file, and for files longer than a gigabyte.
    pub fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path, read_regular(path, BYTES_LIMIT), Seen::Bytes)
    }

    fn read(
        &self,
        path: &Path,
        result: io::Result<Vec<u8>>,
        seen: fn([u8; 32]) -> Seen,
    ) -> io::Result<Vec<u8>> {
        if self.store.is_some() {
            match &result {
                Ok(bytes) => self.trace.see(path, seen(*blake3::hash(bytes).as_bytes())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.trace.see(path, Seen::Absent),
                // `dune` may be the directory of the library of that name.
                Err(_) if Seen::outside(path) == Seen::Other => self.trace.see(path, Seen::Other),
                Err(_) => self.trace.is_broken.store(true, Ordering::Relaxed),
            }
        }
        result
    }

    /// Whether there is a file, and remembers the answer.
    pub fn is_file(&self, path: &Path) -> bool {
        let seen = Seen::outside(path);
        if self.store.is_some() && seen != Seen::File {
            self.trace.see(path, seen);
        } else if self.store.is_some() {
            // What it says, if anybody reads it, counts for more.
            let mut all = self.trace.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.entry(path.to_path_buf()).or_insert(Seen::File);
        }
        seen == Seen::File
    }

    /// Returns what is known of what a file is now.
    pub(super) fn seen_now(&self, path: &Path) -> Option<Seen> {
        self.trace.now.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(path).copied()
    }

    /// Looks whether a source says now what it said once. It does not count as read before somebody asks for it.
    #[must_use]
    pub fn still_says(&self, path: &Path, content: [u8; 32]) -> bool {
        let before = Seen::Source(content);
        let now = self.seen_now(path).or_else(|| {
            let now = before.again(path)?;
            let mut all = self.trace.now.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.insert(path.to_path_buf(), now);
            Some(now)
        });
        now == Some(before)
    }

    /// Returns the hash of what a source said when it was read here.
    #[must_use]
    pub fn read_content(&self, path: &Path) -> Option<[u8; 32]> {
        let seen = self.trace.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match seen.get(path) {
            Some(Seen::Source(content)) => Some(*content),
            _ => None,
        }
    }

    /// Returns a question, all of which is in what the parts show; none where nothing is kept.
    #[must_use]
    pub fn question(&self, parts: &[&dyn std::fmt::Debug]) -> Option<Question> {
        self.store.as_ref()?;
        let text: String = parts.iter().map(|part| format!("{part:?}\n\n")).collect();
        Some(Question(key("answer", text.as_bytes())))
    }

    /// Returns the answer to a question, if it is known and nothing that it was made from has changed.
    #[must_use]
    pub fn answer(&self, question: Question) -> Option<Answer> {
        let store = self.store.as_ref()?;
        let entry: Entry = postcard::from_bytes(&store.get(&question.0, Hashed::Together)?).ok()?;
        // All are looked at even where one has changed: whoever works out the answer again goes by what the others say.
        let now: Vec<Option<Seen>> = entry.seen.par_iter().map(|(path, seen)| seen.again(path)).collect();
        if now.iter().zip(&entry.seen).all(|(now, (_, before))| *now == Some(*before)) {
            let text = text::unpack(&store.get_same(&question.text(), entry.text)?)?;
            return Some(Answer { said: entry.said, text, is_incomplete: entry.is_incomplete });
        }
        let paths = entry.seen.into_iter().map(|(path, _)| path);
        let known = paths.zip(now).filter_map(|(path, now)| Some((path, now?)));
        self.trace.now.write().unwrap_or_else(std::sync::PoisonError::into_inner).extend(known);
        None
    }

    /// Returns what was kept under the name of a question.
    #[must_use]
    pub fn kept(&self, question: Question) -> Option<Vec<u8>> {
        self.store.as_ref()?.get(&question.0, Hashed::Together)
    }

    /// Keeps something that was made of what this process has read, in pieces, under the name of a question.
    pub fn keep_as(&self, question: Question, pieces: &[&[u8]]) {
        if let Some(store) = self.trusted_store() {
            store.put(&question.0, pieces, Hashed::Together);
        }
    }

    /// The store, while each file that was read has said one thing.
    fn trusted_store(&self) -> Option<&Store> {
        self.store.as_ref().filter(|_| !self.trace.is_broken.load(Ordering::Relaxed))
    }

    /// Keeps the answer to a question, with what this process has read. The report is in pieces; as it may be long, they are
    /// not put together.
    pub fn keep(&self, question: Question, said: &str, text: &[String], is_incomplete: bool) {
        let Some(store) = self.trusted_store() else { return };
        let text = text::pack(text);
        let text: Vec<&[u8]> = text.iter().map(Vec::as_slice).collect();
        let Some(text) = store.put(&question.text(), &text, Hashed::Together) else { return };
        let seen = self.trace.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let seen = seen.iter().map(|(path, seen)| (path.clone(), *seen)).collect();
        // A path that is not UTF-8 has no place in it: then the answer is worked out each time.
        if let Ok(entry) = postcard::to_stdvec(&Entry { seen, said: said.to_owned(), is_incomplete, text }) {
            store.put(&question.0, &[&entry], Hashed::Together);
        }
    }
}
