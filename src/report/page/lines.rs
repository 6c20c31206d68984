//! The text of lines of sources, each kept once.

use super::super::place::Places;
use crate::base::{FileId, Idx};
use crate::resolve::Texts;
use rustc_hash::FxHashMap;

/// Characters of a line that are shown.
const SHOWN: usize = 110;

/// Strings, each once.
#[derive(Default)]
pub(super) struct Strings {
    pub(super) all: Vec<String>,
    positions: FxHashMap<String, u32>,
}

impl Strings {
    /// Returns the position of a string.
    pub(super) fn add(&mut self, text: &str) -> u32 {
        if let Some(&position) = self.positions.get(text) {
            return position;
        }
        let position = self.all.len() as u32;
        self.all.push(text.to_owned());
        self.positions.insert(text.to_owned(), position);
        position
    }
}

/// Reads lines of files.
pub(super) struct Lines<'a> {
    places: Places<'a>,
    texts: &'a dyn Texts,
    files: FxHashMap<FileId, Option<String>>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(places: Places<'a>, texts: &'a dyn Texts) -> Self {
        Lines { places, texts, files: FxHashMap::default() }
    }

    /// Returns the line that an offset is in, without its indentation, cut where it is long; `None` where the file cannot be read
    /// or is no longer that long.
    pub(super) fn at(&mut self, file: FileId, offset: u32) -> Option<String> {
        let (project, texts) = (self.places.project, self.texts);
        let text = self.files.entry(file).or_insert_with(|| {
            let path = &project.files.get(file.idx())?.path;
            texts.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        });
        let text = text.as_ref()?;
        let offset = offset as usize;
        if !text.is_char_boundary(offset) {
            return None;
        }
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let line = text[start..].lines().next()?.trim();
        let mut shown: String = line.chars().take(SHOWN).collect();
        if shown.len() < line.len() {
            shown.push('…');
        }
        (!shown.is_empty()).then_some(shown)
    }
}
