//! What has a shape of its own in OCaml text, whatever it means: comments, strings, characters, words.
//!
//! A place in a text that moves behind them. What does not end is taken to the end of the text.

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexical<'t> {
    pub(super) text: &'t [u8],
    /// Offset of the byte that comes next.
    pub(super) at: usize,
}

impl<'t> Lexical<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Lexical { text, at: 0 }
    }

    /// The byte that comes next.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// What is left of the text.
    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Moves behind the rest of a word.
    pub(super) fn word_end(&mut self) {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | 0x80..);
        self.at += self.rest().iter().take_while(|&byte| is_part(byte)).count();
    }

    /// Whether what follows a `#` makes it `# 12 ..`.
    pub(super) fn is_directive(&self) -> bool {
        let mut rest = self.rest().iter().skip_while(|&&byte| matches!(byte, b' ' | b'\t'));
        rest.next().is_some_and(u8::is_ascii_digit)
    }

    /// Moves to the end of the line.
    pub(super) fn line(&mut self) {
        self.at += self.rest().iter().take_while(|&&byte| byte != b'\n').count();
    }

    /// Moves behind a comment, from behind its `(`; strings in it count as such.
    pub(super) fn comment(&mut self) {
        let mut depth = 1;
        self.at += 1;
        while depth > 0 {
            let Some(byte) = self.peek() else { return };
            let next = self.text.get(self.at + 1);
            self.at += 1;
            match (byte, next) {
                (b'(', Some(b'*')) => {
                    depth += 1;
                    self.at += 1;
                }
                (b'*', Some(b')')) => {
                    depth -= 1;
                    self.at += 1;
                }
                (b'"', _) => self.string(),
                (b'\'', _) => _ = self.character(),
                (b'{', _) => _ = self.quoted(),
                _ => {}
            }
        }
    }

    /// Moves behind a string, from behind its first quote.
    pub(super) fn string(&mut self) {
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    /// Moves behind `{id|..|id}` from behind its `{`, if it is one.
    pub(super) fn quoted(&mut self) -> bool {
        let rest = self.rest();
        let is_in = |byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'%' | b'.' | b' ');
        let n_head = rest.iter().take_while(|&byte| is_in(byte)).count();
        if rest.get(n_head) != Some(&b'|') {
            return false;
        }
        let head = &rest[..n_head];
        // `{%ext id|` ends with `|id}`; without an id the extension's name is the whole head.
        let id = match head.first() {
            Some(b'%') => head.iter().position(|&byte| byte == b' ').map_or(&head[..0], |at| &head[at + 1..]),
            _ if head.contains(&b' ') || head.contains(&b'.') => return false,
            _ => head,
        };
        let mut at = self.at + n_head + 1;
        while let Some(bar) = self.text[at..].iter().position(|&byte| byte == b'|') {
            at += bar + 1;
            if self.text[at..].starts_with(id) && self.text.get(at + id.len()) == Some(&b'}') {
                self.at = at + id.len() + 1;
                return true;
            }
        }
        self.at = self.text.len();
        true
    }

    /// Moves behind a character from behind its quote, if it is one and not a type variable.
    pub(super) fn character(&mut self) -> bool {
        let n_bytes = match self.rest() {
            [b'\\', rest @ ..] => {
                rest.iter().take(6).skip(1).position(|&byte| byte == b'\'').map(|at| at + 3)
            }
            [_, b'\'', ..] => Some(2),
            _ => None,
        };
        self.at += n_bytes.unwrap_or(0);
        n_bytes.is_some()
    }
}
