//! dune's S-expressions with positions: `dune`, `dune-project`, `dune-workspace` and `dune-package` files.
//!
//! Takes text, gives the expressions and what is wrong with it. Comments are `;` to the end of the line, `#| .. |#`
//! (nested) and `#;` before an expression; strings are `"..."` and `"\|` or `"\>` lines. `%{..}` stays as it is.
//! Reading never fails as a whole: an open list ends with the file, a stray parenthesis is skipped.
//!
//! Own reader, since crates for S-expressions give no positions, refuse a whole file for one error, or do not know
//! dune's strings.

use crate::base::LineCol;

/// Lists nested deeper than this are cut: dune files have some ten levels.
const MAX_DEPTH: usize = 200;

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

/// What is wrong with a text, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SyntaxError {
    /// What: a sentence without a final dot.
    pub(crate) message: String,
    /// Where.
    pub(crate) at: LineCol,
}

/// Reads all expressions of `text`.
pub(crate) fn read(text: &str) -> (Vec<Sexp>, Vec<SyntaxError>) {
    let mut reader = Reader { text: text.as_bytes(), pos: 0, line: 1, line_start: 0, errors: Vec::new() };
    // `open` holds the lists that are not closed yet; each with the number of `#;` that wait for an expression.
    let mut open: Vec<Frame> = vec![Frame { items: Vec::new(), at: reader.at(), skips: 0 }];
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
    let mut reader = Reader { text: text.as_bytes(), pos: 0, line: 1, line_start: 0, errors: Vec::new() };
    let mut depth = 0usize;
    while let Some((token, start)) = reader.token() {
        match token {
            Token::Open if depth > 0 || start == at => depth += 1,
            Token::Close if depth == 1 => return Some(reader.pos - 1),
            Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

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

enum Token {
    Open,
    Close,
    Skip,
    Atom { text: String, quoted: bool },
}

struct Reader<'a> {
    text: &'a [u8],
    pos: usize,
    line: u32,
    line_start: usize,
    errors: Vec<SyntaxError>,
}

impl Reader<'_> {
    fn at(&self) -> LineCol {
        LineCol { line: self.line, col: (self.pos - self.line_start) as u32 }
    }
    fn error(&mut self, message: String, at: LineCol) {
        self.errors.push(SyntaxError { message, at });
    }
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.pos + ahead).copied().unwrap_or(0)
    }
    fn bump(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.pos)?;
        self.pos += 1;
        if byte == b'\n' {
            self.line += 1;
            self.line_start = self.pos;
        }
        Some(byte)
    }
    fn token(&mut self) -> Option<(Token, LineCol)> {
        loop {
            let byte = *self.text.get(self.pos)?;
            let at = self.at();
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => _ = self.bump(),
                b';' => self.skip_line(),
                b'#' if self.peek(1) == b'|' => self.skip_block(at),
                b'#' if self.peek(1) == b';' => {
                    self.pos += 2;
                    return Some((Token::Skip, at));
                }
                b'(' | b')' => {
                    self.pos += 1;
                    return Some((if byte == b'(' { Token::Open } else { Token::Close }, at));
                }
                b'"' => return Some((Token::Atom { text: self.string(at), quoted: true }, at)),
                _ => return Some((Token::Atom { text: self.word(), quoted: false }, at)),
            }
        }
    }
    fn skip_line(&mut self) {
        while self.pos < self.text.len() && self.text[self.pos] != b'\n' {
            self.pos += 1;
        }
    }
    fn skip_block(&mut self, at: LineCol) {
        let mut depth = 0usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'#', b'|') => {
                    self.pos += 2;
                    depth += 1;
                }
                (b'|', b'#') => {
                    self.pos += 2;
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {
                    if self.bump().is_none() {
                        return self.error("this comment is never closed".into(), at);
                    }
                }
            }
        }
    }
    /// Reads an unquoted atom; `%{..}` inside it may hold spaces and parentheses.
    fn word(&mut self) -> String {
        let start = self.pos;
        while let Some(&byte) = self.text.get(self.pos) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c | b'(' | b')' | b'"' | b';' => break,
                b'%' if self.peek(1) == b'{' => {
                    let rest = &self.text[self.pos..];
                    let end = rest.iter().position(|&byte| byte == b'}' || byte == b'\n');
                    self.pos += match end {
                        Some(end) if rest[end] == b'}' => end + 1,
                        _ => 2,
                    };
                }
                _ => self.pos += 1,
            }
        }
        String::from_utf8_lossy(&self.text[start..self.pos]).into_owned()
    }
    fn string(&mut self, at: LineCol) -> String {
        self.pos += 1;
        if self.peek(0) == b'\\' && matches!(self.peek(1), b'|' | b'>') {
            return self.block_string();
        }
        let mut out = Vec::new();
        loop {
            match self.bump() {
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
        let at = self.at();
        match self.bump() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'b') => out.push(8),
            Some(b'\n') => {
                while matches!(self.peek(0), b' ' | b'\t') {
                    self.pos += 1;
                }
            }
            Some(b'x') => match self.digits(2, 16) {
                Some(byte) => out.push(byte),
                None => self.error("`\\x` needs two hexadecimal digits".into(), at),
            },
            Some(byte) if byte.is_ascii_digit() => {
                self.pos -= 1;
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
        let text = self.text.get(self.pos..self.pos + n)?;
        let text = std::str::from_utf8(text).ok()?;
        let value = u8::from_str_radix(text, radix).ok()?;
        self.pos += n;
        Some(value)
    }
    /// Reads the lines of a block string: `"\| text` with escapes, `"\> text` without, as long as such lines follow.
    fn block_string(&mut self) -> String {
        let mut out = Vec::new();
        loop {
            let is_raw = self.peek(1) == b'>';
            self.pos += 2;
            if self.peek(0) == b' ' {
                self.pos += 1;
            }
            let mut is_ended = true;
            while let Some(byte) = self.bump() {
                match byte {
                    b'\n' => {
                        is_ended = false;
                        break;
                    }
                    b'\\' if !is_raw => self.escape(&mut out),
                    _ => out.push(byte),
                }
            }
            let rest = &self.text[self.pos..];
            let blank = rest.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
            let continues = matches!(rest.get(blank..blank + 3), Some(b"\"\\|" | b"\"\\>"));
            if is_ended || !continues {
                return String::from_utf8_lossy(&out).into_owned();
            }
            out.push(b'\n');
            self.pos += blank + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(sexps: &[Sexp]) -> String {
        let one = |sexp: &Sexp| match sexp {
            Sexp::Atom { text, quoted: true, .. } => format!("{text:?}"),
            Sexp::Atom { text, .. } => text.clone(),
            Sexp::List { items, .. } => format!("({})", show(items)),
        };
        sexps.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(text: &str, expected: &str, errors: &[&str]) {
        let (sexps, found) = read(text);
        let found: Vec<_> =
            found.iter().map(|e| format!("{}:{} {}", e.at.line, e.at.col, e.message)).collect();
        assert_eq!(show(&sexps), expected);
        assert_eq!(found, errors);
    }

    #[test]
    fn lists_words_and_comments() {
        check("(a b) ; c\n#| d #| e |# |# (f #;(g h) i)", "(a b) (f i)", &[]);
        check("(x %{env:A b=(c)}.ml :standard)", "(x %{env:A b=(c)}.ml :standard)", &[]);
    }

    #[test]
    fn strings_and_escapes() {
        check(
            r#"("a\n\065\x42\"" "x\
             y")"#,
            r#"("a\nAB\"" "xy")"#,
            &[],
        );
        check("(s \"\\| one\\t2\n   \"\\> two\\n\n)", r#"(s "one\t2\ntwo\\n")"#, &[]);
    }

    #[test]
    fn broken_texts_are_read_as_far_as_they_go() {
        check("(a (b", "(a (b))", &["1:3 this list is never closed", "1:0 this list is never closed"]);
        check("a) b", "a b", &["1:1 this parenthesis closes nothing"]);
        check("(a \"b", "(a \"b\")", &["1:3 this string is never closed", "1:0 this list is never closed"]);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let (_, errors) = read(&"(".repeat(100_000));
        assert!(errors[0].message.contains("deeper"));
    }
}
