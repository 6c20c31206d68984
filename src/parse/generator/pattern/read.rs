//! Reads patterns, with the precedences of ocamllex: `as` binds weakest, then `|`, then one after the other, then `* + ?`.

use super::super::tokens::{Token, Tokens};
use super::{MAX_DEPTH, Named, Pattern};
use std::collections::BTreeMap;

/// Reads one pattern.
pub(super) struct Reader<'t, 's> {
    tokens: &'t mut Tokens<'s>,
    named: &'t BTreeMap<String, Named>,
    depth: usize,
}

impl<'t, 's> Reader<'t, 's> {
    pub(super) fn new(tokens: &'t mut Tokens<'s>, named: &'t BTreeMap<String, Named>) -> Self {
        Reader { tokens, named, depth: 0 }
    }

    fn symbol(&self) -> Option<u8> {
        match self.tokens.peek()? {
            (Token::Symbol(byte), _) => Some(byte),
            _ => None,
        }
    }

    /// `pattern as name`: all that stands before it up to a parenthesis has the name, and more may follow.
    pub(super) fn pattern(&mut self) -> Pattern {
        let mut pattern = self.choice();
        while let Some((Token::Word, span)) = self.tokens.peek()
            && self.tokens.text(span) == b"as"
        {
            self.tokens.next();
            let name = self.tokens.next().filter(|(token, _)| *token == Token::Word);
            let more = self.sequence();
            let has_bar = self.symbol() == Some(b'|');
            let other = has_bar.then(|| {
                self.tokens.next();
                self.choice()
            });
            let Some((_, name)) = name.filter(|_| self.depth < MAX_DEPTH) else { continue };
            self.depth += 1;
            let name = self.tokens.word(name).into();
            pattern = Pattern::Sequence(vec![Pattern::Bound(Box::new(pattern), name), more]);
            if let Some(other) = other {
                pattern = Pattern::Choice(vec![pattern, other]);
            }
        }
        pattern
    }

    fn choice(&mut self) -> Pattern {
        let mut parts = vec![self.sequence()];
        while self.symbol() == Some(b'|') {
            self.tokens.next();
            parts.push(self.sequence());
        }
        match parts.len() {
            1 => parts.swap_remove(0),
            _ => Pattern::Choice(parts),
        }
    }

    fn sequence(&mut self) -> Pattern {
        let mut parts = Vec::new();
        while let Some(part) = self.repeated() {
            parts.push(part);
        }
        match parts.len() {
            1 => parts.swap_remove(0),
            _ => Pattern::Sequence(parts),
        }
    }

    fn repeated(&mut self) -> Option<Pattern> {
        let mut pattern = self.atom()?;
        let mut n_around = 0;
        while let Some(byte @ (b'*' | b'+' | b'?' | b'#')) = self.symbol() {
            self.tokens.next();
            n_around += 1;
            pattern = match byte {
                // Once more adds nothing.
                _ if n_around > MAX_DEPTH => pattern,
                b'?' => Pattern::Choice(vec![pattern, Pattern::Chars(0)]),
                // A difference of sets of characters is one.
                b'#' => {
                    self.atom();
                    pattern
                }
                _ => Pattern::Repeated { inner: Box::new(pattern), is_needed: byte == b'+' },
            };
        }
        Some(pattern)
    }

    fn atom(&mut self) -> Option<Pattern> {
        let (token, span) = self.tokens.peek()?;
        let pattern = match token {
            Token::Char | Token::Bracket => Pattern::Chars(1),
            Token::String => Pattern::Chars(n_chars(self.tokens.text(span))),
            Token::Word => match self.tokens.text(span) {
                b"_" => Pattern::Chars(1),
                b"eof" => Pattern::Eof,
                b"as" | b"and" | b"let" | b"rule" | b"refill" | b"parse" | b"shortest" => return None,
                name => {
                    let named = std::str::from_utf8(name).ok().and_then(|name| self.named.get(name));
                    named.map_or(Pattern::Chars(1), |named| Pattern::Named(named.clone()))
                }
            },
            Token::Symbol(b'(') if self.depth < MAX_DEPTH => {
                self.tokens.next();
                let depth = self.depth;
                self.depth += 1;
                let inner = self.pattern();
                self.depth = depth;
                if self.symbol() == Some(b')') {
                    self.tokens.next();
                }
                return Some(inner);
            }
            _ => return None,
        };
        self.tokens.next();
        Some(pattern)
    }
}

/// How many characters a string has that stands with its quotes.
fn n_chars(quoted: &[u8]) -> usize {
    let mut n_chars = 0;
    let mut bytes = quoted.iter().skip(1).take(quoted.len().saturating_sub(2));
    while let Some(&byte) = bytes.next() {
        if byte == b'\\' {
            match bytes.next() {
                Some(b'0'..=b'9' | b'x') => drop(bytes.nth(1)),
                Some(b'o') => drop(bytes.nth(2)),
                // The line goes on behind its indentation.
                Some(b'\n') => continue,
                _ => {}
            }
        }
        n_chars += 1;
    }
    n_chars
}
