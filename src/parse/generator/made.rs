//! A text that is made of a file: pieces copied from it, and what is written around them.

use crate::base::{LineIndex, Span};
use crate::parse::FileFacts;

/// A text, with the place in the file for each part of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Made {
    text: Vec<u8>,
    /// In order, in the text and in the file alike.
    pieces: Vec<Piece>,
}

/// A part of the text, up to the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    /// Where it begins in the text.
    start: u32,
    /// Where it stands in the file, or what it was written for.
    source: u32,
    /// Whether it is as long in the file as here.
    is_copied: bool,
}

impl Made {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Writes something for the place `at` of the file.
    pub(super) fn write(&mut self, at: u32, text: &str) {
        let is_same = |piece: &Piece| !piece.is_copied && piece.source == at;
        if !self.pieces.last().is_some_and(is_same) {
            self.pieces.push(Piece { start: self.text.len() as u32, source: at, is_copied: false });
        }
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Copies a part of the file that begins at `at`, byte for byte or with others in place of some.
    pub(super) fn copy(&mut self, at: u32, text: &[u8]) {
        self.pieces.push(Piece { start: self.text.len() as u32, source: at, is_copied: true });
        self.text.extend_from_slice(text);
    }

    /// The place in the file of a place in the text.
    fn start(&self, at: u32) -> u32 {
        let nth = self.pieces.partition_point(|piece| piece.start <= at);
        match nth.checked_sub(1).map(|nth| self.pieces[nth]) {
            Some(Piece { start, source, is_copied: true }) => source + (at - start),
            Some(Piece { source, .. }) => source,
            None => 0,
        }
    }

    /// The part of the file for a part of the text.
    fn span(&self, span: Span) -> Span {
        let start = self.start(span.start);
        let end = match span.end.checked_sub(1).filter(|_| !span.is_empty()) {
            None => start,
            Some(last) => {
                let is_copied = self
                    .pieces
                    .partition_point(|piece| piece.start <= last)
                    .checked_sub(1)
                    .is_some_and(|nth| self.pieces[nth].is_copied);
                self.start(last) + u32::from(is_copied)
            }
        };
        Span { start, end: end.max(start) }
    }

    /// Turns the places of what the text says into those of the file.
    #[must_use]
    pub fn relocate(&self, mut facts: FileFacts, source: &[u8]) -> FileFacts {
        let spans = facts
            .structures
            .iter_mut()
            .map(|structure| &mut structure.span)
            .chain(facts.items.iter_mut().map(|item| &mut item.span))
            .chain(facts.refs.iter_mut().map(|reference| &mut reference.span))
            .chain(facts.name_spans.iter_mut().map(|(_, span)| span))
            .chain(facts.rewrites.iter_mut().map(|rewrite| &mut rewrite.span))
            .chain(
                facts
                    .type_marks
                    .iter_mut()
                    .flat_map(|mark| [&mut mark.whole, &mut mark.head, &mut mark.payload]),
            )
            .chain(&mut facts.errors)
            .chain(&mut facts.unread);
        for span in spans {
            *span = self.span(*span);
        }
        // Those of the text say where the generator's own output would be from, and there is none.
        facts.line_directives.clear();
        facts.not_utf8 = facts.not_utf8.map(|at| self.start(at));
        facts.lines = LineIndex::new(source);
        facts.n_bytes = source.len() as u32;
        facts
    }
}
