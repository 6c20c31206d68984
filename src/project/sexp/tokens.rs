//! The tokens of dune's S-expressions: comments are passed over, escapes in strings resolved.

use crate::base::LineCol;
use crate::project::cursor::{Cursor, SyntaxError};

pub(super) enum Token {
    Open,
    Close,
    Skip,
    Atom { text: String, quoted: bool },
}

pub(super) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) errors: Vec<SyntaxError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Reader { cursor: Cursor::new(text), errors: Vec::new() }
    }

    pub(super) fn token(&mut self) -> Option<(Token, LineCol)> {
        loop {
            let byte = *self.cursor.text.get(self.cursor.pos)?;
            let at = self.cursor.at();
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => _ = self.cursor.bump(),
                b';' => self.skip_line(),
                b'#' if self.cursor.peek(1) == b'|' => self.skip_block(at),
                b'#' if self.cursor.peek(1) == b';' => {
                    self.cursor.pos += 2;
                    return Some((Token::Skip, at));
                }
                b'(' | b')' => {
                    self.cursor.pos += 1;
                    return Some((if byte == b'(' { Token::Open } else { Token::Close }, at));
                }
                b'"' => return Some((Token::Atom { text: self.string(at), quoted: true }, at)),
                _ => return Some((Token::Atom { text: self.word(), quoted: false }, at)),
            }
        }
    }

    pub(super) fn error(&mut self, message: String, at: LineCol) {
        self.errors.push(SyntaxError { message, at });
    }

    fn skip_line(&mut self) {
        while self.cursor.pos < self.cursor.text.len() && self.cursor.text[self.cursor.pos] != b'\n' {
            self.cursor.pos += 1;
        }
    }

    fn skip_block(&mut self, at: LineCol) {
        let mut depth = 0usize;
        loop {
            match (self.cursor.peek(0), self.cursor.peek(1)) {
                (b'#', b'|') => {
                    self.cursor.pos += 2;
                    depth += 1;
                }
                (b'|', b'#') => {
                    self.cursor.pos += 2;
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {
                    if self.cursor.bump().is_none() {
                        return self.error("this comment is never closed".into(), at);
                    }
                }
            }
        }
    }

    /// Reads an unquoted atom; `%{..}` inside it may hold spaces and parentheses.
    pub(super) fn word(&mut self) -> String {
        let start = self.cursor.pos;
        while let Some(&byte) = self.cursor.text.get(self.cursor.pos) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c | b'(' | b')' | b'"' | b';' => break,
                b'%' if self.cursor.peek(1) == b'{' => {
                    let rest = &self.cursor.text[self.cursor.pos..];
                    let end = rest.iter().position(|&byte| byte == b'}' || byte == b'\n');
                    self.cursor.pos += match end {
                        Some(end) if rest[end] == b'}' => end + 1,
                        _ => 2,
                    };
                }
                _ => self.cursor.pos += 1,
            }
        }
        String::from_utf8_lossy(&self.cursor.text[start..self.cursor.pos]).into_owned()
    }

    fn string(&mut self, at: LineCol) -> String {
        self.cursor.pos += 1;
        if self.cursor.peek(0) == b'\\' && matches!(self.cursor.peek(1), b'|' | b'>') {
            return self.block_string();
        }
        let mut out = Vec::new();
        loop {
            match self.cursor.bump() {
                None => {
                    self.error("this string is never closed".into(), at);
                    break;
                }
                Some(b'"') => break,
                Some(b'\\') => self.escape(&mut out),
                Some(byte) => out.push(byte),
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let at = self.cursor.at();
        match self.cursor.bump() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'b') => out.push(8),
            Some(b'\n') => {
                while matches!(self.cursor.peek(0), b' ' | b'\t') {
                    self.cursor.pos += 1;
                }
            }
            Some(b'x') => match self.digits(2, 16) {
                Some(byte) => out.push(byte),
                None => self.error("`\\x` needs two hexadecimal digits".into(), at),
            },
            Some(byte) if byte.is_ascii_digit() => {
                self.cursor.pos -= 1;
                match self.digits(3, 10) {
                    Some(byte) => out.push(byte),
                    None => self.error("a decimal escape needs three digits, up to 255".into(), at),
                }
            }
            Some(byte) => out.push(byte),
            None => {}
        }
    }

    fn digits(&mut self, n: usize, radix: u32) -> Option<u8> {
        let text = self.cursor.text.get(self.cursor.pos..self.cursor.pos + n)?;
        let text = std::str::from_utf8(text).ok()?;
        let value = u8::from_str_radix(text, radix).ok()?;
        self.cursor.pos += n;
        Some(value)
    }

    /// Reads the lines of a block string: `"\| text` with escapes, `"\> text` without, as long as such lines follow.
    fn block_string(&mut self) -> String {
        let mut out = Vec::new();
        loop {
            let is_raw = self.cursor.peek(1) == b'>';
            self.cursor.pos += 2;
            if self.cursor.peek(0) == b' ' {
                self.cursor.pos += 1;
            }
            let mut is_ended = true;
            while let Some(byte) = self.cursor.bump() {
                match byte {
                    b'\n' => {
                        is_ended = false;
                        break;
                    }
                    b'\\' if !is_raw => self.escape(&mut out),
                    _ => out.push(byte),
                }
            }
            let rest = &self.cursor.text[self.cursor.pos..];
            let blank = rest.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
            let continues = matches!(rest.get(blank..blank + 3), Some(b"\"\\|" | b"\"\\>"));
            if is_ended || !continues {
                return String::from_utf8_lossy(&out).into_owned();
            }
            out.push(b'\n');
            self.cursor.pos += blank + 1;
        }
    }
}
