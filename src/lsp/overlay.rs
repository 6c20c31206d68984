//! Where the server reads texts: open buffers first, then the disk; and what they say, known from before where it can be.

use super::convert::Text;
use crate::cache::Cache;
use crate::check;
use crate::parse::{FileFacts, Layout, parse_file};
use crate::project::{SourceKind, Unsaved, read_source};
use crate::resolve::{CachedDisk, Texts};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Known = FxHashMap<(blake3::Hash, SourceKind), Arc<FileFacts>>;

/// Buffers, and facts by content. A clone has the buffers of now, and shares the facts.
#[derive(Clone)]
pub(super) struct Overlay {
    buffers: FxHashMap<PathBuf, Arc<Text>>,
    cache: Arc<Cache>,
    known: Arc<Mutex<Known>>,
}

impl Overlay {
    pub(super) fn new(cache: Cache) -> Self {
        Overlay { buffers: FxHashMap::default(), cache: Arc::new(cache), known: Arc::default() }
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Whether a text is being typed: it is not worth keeping on disk.
    fn is_typed(&self, text: &[u8]) -> bool {
        self.buffers.values().any(|buffer| buffer.text.as_bytes() == text)
    }

    pub(super) fn put(&mut self, path: PathBuf, text: Arc<Text>) {
        self.buffers.insert(path, text);
    }
    pub(super) fn remove(&mut self, path: &Path) {
        self.buffers.remove(path);
    }
    pub(super) fn buffer(&self, path: &Path) -> Option<&Arc<Text>> {
        self.buffers.get(path)
    }
    pub(super) fn buffers(&self) -> impl Iterator<Item = &PathBuf> {
        self.buffers.keys()
    }

    /// The build files among the buffers, as far as they are whole, and sources that were never saved.
    pub(super) fn unsaved(&self) -> Unsaved {
        let counts = |(path, text): &(&PathBuf, &Arc<Text>)| match is_build_file(path) {
            true if path.ends_with("unlith.toml") => check::read(&text.text).is_ok(),
            true => Unsaved::is_whole(path, &text.text),
            false => is_source(path) && !path.is_file(),
        };
        let buffers = self.buffers.iter().filter(counts);
        Unsaved::new(buffers.map(|(path, text)| (path.clone(), Arc::from(text.text.as_str()))).collect())
    }

    /// Returns a text as the user sees it.
    pub(super) fn text(&self, path: &Path) -> Option<Arc<Text>> {
        match self.buffers.get(path) {
            Some(text) => Some(text.clone()),
            None => {
                let bytes = read_source(path).ok()?;
                Some(Arc::new(Text::new(String::from_utf8_lossy(&bytes).into_owned())))
            }
        }
    }

    /// Returns what the text on disk says, where a buffer hides another one.
    pub(super) fn facts_on_disk(&self, path: &Path, kind: SourceKind) -> Option<Arc<FileFacts>> {
        let buffer = self.buffers.get(path)?;
        let bytes = read_source(path).ok()?;
        (bytes != buffer.text.as_bytes()).then(|| self.facts(&bytes, kind))
    }

    /// Forgets facts that nobody uses. Returns how many are left.
    pub(super) fn trim(&self) -> usize {
        let mut known = self.known();
        known.retain(|_, facts| Arc::strong_count(facts) > 1);
        known.len()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a file says what there is to build.
pub(super) fn is_build_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(
        name,
        "dune" | "dune-project" | "dune-workspace" | "dune-package" | "META" | "_tags" | "unlith.toml"
    ) || name.starts_with("META.")
        || name.ends_with(".inc")
        || name.ends_with(".opam")
}

/// Whether a file is an implementation or an interface.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ml" || extension == "mli")
}

impl Texts for Overlay {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.buffers.get(path).map_or_else(|| read_source(path), |text| Ok(text.text.clone().into_bytes()))
    }

    fn facts(&self, text: &[u8], kind: SourceKind) -> Arc<FileFacts> {
        let key = (blake3::hash(text), kind);
        if let Some(facts) = self.known().get(&key) {
            return facts.clone();
        }
        let facts = match self.is_typed(text) {
            true => Arc::new(parse_file(text, kind)),
            false => CachedDisk(&self.cache).facts(text, kind),
        };
        self.known().insert(key, facts.clone());
        facts
    }

    fn layout(&self, text: &[u8], kind: SourceKind) -> Layout {
        match self.is_typed(text) {
            true => Layout::new(text, kind),
            false => CachedDisk(&self.cache).layout(text, kind),
        }
    }
}
