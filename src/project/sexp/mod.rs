//! dune's S-expressions with positions: `dune`, `dune-project`, `dune-workspace` and `dune-package` files.
//!
//! Takes text, gives the expressions and what is wrong with it. Comments are `;` to the end of the line, `#| .. |#`
//! (nested) and `#;` before an expression; strings are `"..."` and `"\|` or `"\>` lines. `%{..}` stays as it is.
//! Reading never fails as a whole: an open list ends with the file, a stray parenthesis is skipped.
//!
//! Own reader, since crates for S-expressions give no positions, refuse a whole file for one error, or do not know
//! dune's strings.
//! `tokens` tells parentheses, words and strings apart.

#[cfg(test)]
mod tests;
mod tokens;

use super::cursor::SyntaxError;
use crate::base::LineCol;
use tokens::{Reader, Token};

/// One expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Sexp {
    /// A word or a string.
    Atom {
        /// Its text, escapes resolved.
        text: String,
        /// Whether it was written in quotes.
        quoted: bool,
        /// Where it starts.
        at: LineCol,
    },
    /// A list.
    List {
        /// Its elements.
        items: Vec<Sexp>,
        /// Where its parenthesis is.
        at: LineCol,
    },
}

impl Sexp {
    /// The text of an atom.
    pub(crate) fn atom(&self) -> Option<&str> {
        match self {
            Sexp::Atom { text, .. } => Some(text),
            Sexp::List { .. } => None,
        }
    }

    /// The elements of a list.
    pub(crate) fn list(&self) -> Option<&[Sexp]> {
        match self {
            Sexp::Atom { .. } => None,
            Sexp::List { items, .. } => Some(items),
        }
    }

    /// Where it starts.
    pub(crate) fn at(&self) -> LineCol {
        match self {
            Sexp::Atom { at, .. } | Sexp::List { at, .. } => *at,
        }
    }

    /// Whether it is an unquoted atom of this text.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self, Sexp::Atom { text, quoted: false, .. } if text == word)
    }

    /// For `(word rest..)`: the word and the rest.
    pub(crate) fn field(&self) -> Option<(&str, &[Sexp])> {
        let (first, rest) = self.list()?.split_first()?;
        Some((first.atom()?, rest))
    }
}

/// Looks up the first field `(name rest..)` of a list's elements.
pub(crate) fn field<'a>(items: &'a [Sexp], name: &str) -> Option<&'a [Sexp]> {
    fields(items, name).next()
}

/// Looks up all fields `(name rest..)` of a list's elements.
pub(crate) fn fields<'a>(items: &'a [Sexp], name: &str) -> impl Iterator<Item = &'a [Sexp]> {
    items.iter().filter_map(move |item| item.field().filter(|(word, _)| *word == name).map(|(_, rest)| rest))
}

/// Looks up the field `(name atom)`.
pub(crate) fn atom_field<'a>(items: &'a [Sexp], name: &str) -> Option<&'a str> {
    field(items, name)?.first()?.atom()
}

/// Reads all expressions of `text`.
pub(crate) fn read(text: &str) -> (Vec<Sexp>, Vec<SyntaxError>) {
    let mut reader = Reader::new(text);
    // `open` holds the lists that are not closed yet; each with the number of `#;` that wait for an expression.
    let mut open: Vec<Frame> = vec![Frame { items: Vec::new(), at: reader.cursor.at(), skips: 0 }];
    let mut n_cut = 0usize;
    while let Some(token) = reader.token() {
        let at = token.1;
        match token.0 {
            Token::Open if open.len() > MAX_DEPTH => {
                if n_cut == 0 {
                    reader.error(format!("lists are nested deeper than {MAX_DEPTH} levels"), at);
                }
                n_cut += 1;
            }
            Token::Close if n_cut > 0 => n_cut -= 1,
            _ if n_cut > 0 => {}
            Token::Open => open.push(Frame { items: Vec::new(), at, skips: 0 }),
            Token::Close if open.len() == 1 => reader.error("this parenthesis closes nothing".into(), at),
            Token::Close => {
                let frame = open.pop().expect("at least two frames are open");
                let list = Sexp::List { items: frame.items, at: frame.at };
                open.last_mut().expect("the outermost frame stays").push(list);
            }
            Token::Skip => open.last_mut().expect("the outermost frame stays").skips += 1,
            Token::Atom { text, quoted } => {
                open.last_mut().expect("the outermost frame stays").push(Sexp::Atom { text, quoted, at });
            }
        }
    }
    while open.len() > 1 {
        let frame = open.pop().expect("at least two frames are open");
        reader.error("this list is never closed".into(), frame.at);
        let list = Sexp::List { items: frame.items, at: frame.at };
        open.last_mut().expect("the outermost frame stays").push(list);
    }
    let top = open.pop().expect("the outermost frame stays");
    (top.items, reader.errors)
}

/// Returns the offset of the parenthesis that closes the list that starts at a place.
pub(crate) fn closing(text: &str, at: LineCol) -> Option<usize> {
    let mut reader = Reader::new(text);
    let mut depth = 0usize;
    while let Some((token, start)) = reader.token() {
        match token {
            Token::Open if depth > 0 || start == at => depth += 1,
            Token::Close if depth == 1 => return Some(reader.cursor.pos - 1),
            Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Lists nested deeper than this are cut: dune files have some ten levels.
const MAX_DEPTH: usize = 200;

struct Frame {
    items: Vec<Sexp>,
    at: LineCol,
    skips: usize,
}

impl Frame {
    fn push(&mut self, sexp: Sexp) {
        if self.skips > 0 {
            self.skips -= 1;
        } else {
            self.items.push(sexp);
        }
    }
}
