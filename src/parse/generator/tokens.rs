//! The tokens of `.mll` and `.mly` files, with the OCaml code between braces as one token.

use crate::base::Span;
use crate::parse::lexical::Lexical;

/// One token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A name or a keyword.
    Word,
    /// `'x'`
    Char,
    /// `"xyz"`
    String,
    /// `[ .. ]`
    Bracket,
    /// `{ .. }`; the span is of what is between the braces.
    Code,
    /// `%{ .. %}`; the span is of what is between.
    Header,
    /// `%%`
    Percents,
    /// `%word`
    Directive,
    /// `:=` or `==`
    Defines,
    /// Anything else, one byte.
    Symbol(u8),
}

/// Reads the tokens of a file in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens<'s> {
    here: Lexical<'s>,
    /// Whether it is a grammar: `%` and `/* */` mean something there, and no characters stand outside code.
    is_grammar: bool,
}

impl<'s> Tokens<'s> {
    pub(super) fn new(source: &'s [u8], is_grammar: bool) -> Self {
        Tokens { here: Lexical::new(source), is_grammar }
    }

    /// Where the next token is looked for.
    pub(super) fn at(&self) -> usize {
        self.here.at
    }

    /// The text of a token.
    pub(super) fn text(&self, span: Span) -> &'s [u8] {
        self.here.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// A word as a string.
    pub(super) fn word(&self, span: Span) -> String {
        String::from_utf8_lossy(self.text(span)).into_owned()
    }

    /// Moves behind `< .. >`, from behind the `<`; gives what is between. An arrow of a type does not end it.
    pub(super) fn angle(&mut self) -> Span {
        let start = self.here.at;
        let mut depth = 1;
        loop {
            let end = self.here.at.min(self.here.text.len());
            let Some(byte) = self.here.peek() else { return Span::new(start, end) };
            self.here.at += 1;
            match byte {
                b'-' if self.here.peek() == Some(b'>') => self.here.at += 1,
                b'(' if self.here.peek() == Some(b'*') => self.here.comment(),
                b'"' => self.here.string(),
                b'<' => depth += 1,
                b'>' => depth -= 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.here.word_end(),
                _ => {}
            }
            if depth == 0 {
                return Span::new(start, end);
            }
        }
    }

    /// The next token, with its place.
    pub(super) fn next(&mut self) -> Option<(Token, Span)> {
        loop {
            let start = self.here.at;
            let byte = self.here.peek()?;
            self.here.at += 1;
            let next = self.here.peek();
            let token = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => continue,
                b'(' if next == Some(b'*') => {
                    self.here.comment();
                    continue;
                }
                b'/' if self.is_grammar && next == Some(b'*') => {
                    let end = memchr::memmem::find(self.here.rest(), b"*/");
                    self.here.at = end.map_or(self.here.text.len(), |end| self.here.at + end + 2);
                    continue;
                }
                b'/' if self.is_grammar && next == Some(b'/') => {
                    self.here.line();
                    continue;
                }
                b'#' if self.here.is_directive() && (start == 0 || self.here.text[start - 1] == b'\n') => {
                    self.here.line();
                    continue;
                }
                b'{' => return Some((Token::Code, self.code())),
                b'%' if self.is_grammar && next == Some(b'{') => {
                    self.here.at += 1;
                    return Some((Token::Header, self.header()));
                }
                b'%' if self.is_grammar && next == Some(b'%') => {
                    self.here.at += 1;
                    Token::Percents
                }
                b'%' if self.is_grammar => {
                    self.here.word_end();
                    Token::Directive
                }
                b':' | b'=' if self.is_grammar && next == Some(b'=') => {
                    self.here.at += 1;
                    Token::Defines
                }
                b'[' => {
                    self.bracket();
                    Token::Bracket
                }
                b'"' => {
                    self.here.string();
                    Token::String
                }
                b'\'' if !self.is_grammar => {
                    self.here.character();
                    Token::Char
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => {
                    self.here.word_end();
                    Token::Word
                }
                _ => Token::Symbol(byte),
            };
            return Some((token, Span::new(start, self.here.at.min(self.here.text.len()))));
        }
    }

    /// The token that [`next`](Self::next) will give.
    pub(super) fn peek(&self) -> Option<(Token, Span)> {
        self.clone().next()
    }

    /// Moves behind one token of OCaml code: a comment, a string, a character, a word, or a byte. Gives the byte that it
    /// began with, `None` for those that hold no code.
    fn code_token(&mut self) -> Option<Option<u8>> {
        let byte = self.here.peek()?;
        self.here.at += 1;
        Some(match byte {
            b'(' if self.here.peek() == Some(b'*') => {
                self.here.comment();
                None
            }
            b'"' => {
                self.here.string();
                None
            }
            b'\'' => {
                self.here.character();
                None
            }
            b'{' if self.here.quoted() => None,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                self.here.word_end();
                None
            }
            _ => Some(byte),
        })
    }

    /// Moves behind the `}` that ends code; gives the code.
    fn code(&mut self) -> Span {
        let start = self.here.at;
        let mut depth = 1;
        loop {
            let end = self.here.at.min(self.here.text.len());
            match self.code_token() {
                None => return Span::new(start, end),
                Some(Some(b'{')) => depth += 1,
                Some(Some(b'}')) => depth -= 1,
                Some(_) => {}
            }
            if depth == 0 {
                return Span::new(start, end);
            }
        }
    }

    /// Moves behind the `%}` that ends a header; gives the header.
    fn header(&mut self) -> Span {
        let start = self.here.at;
        loop {
            let end = self.here.at.min(self.here.text.len());
            match self.code_token() {
                None => return Span::new(start, end),
                Some(Some(b'%')) if self.here.peek() == Some(b'}') => {
                    self.here.at += 1;
                    return Span::new(start, end);
                }
                Some(_) => {}
            }
        }
    }

    /// Moves behind the `]` of a set of characters or an attribute.
    fn bracket(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.code_token() {
                None => return,
                Some(Some(b'[')) => depth += 1,
                Some(Some(b']')) => depth -= 1,
                Some(_) => {}
            }
        }
    }
}
