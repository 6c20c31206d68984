//! Findlib's `META` files: packages, their variables under predicates, and sub-packages.
//!
//! Takes text, gives the package tree and what is wrong with the text. What a variable means under a set of predicates
//! follows findlib: of the definitions whose predicates all hold, the one with most predicates counts, the first among
//! equals; the `+=` that hold are appended.

use super::cursor::{Cursor, SyntaxError};
use crate::base::LineCol;

/// Packages nested deeper than this are refused.
const MAX_DEPTH: usize = 50;

/// A package or sub-package of a `META` file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct MetaPackage {
    /// Its own part of the name; empty for the file itself.
    pub(crate) name: String,
    /// Definitions of variables, in order.
    pub(crate) definitions: Vec<Definition>,
    /// Sub-packages, in order.
    pub(crate) packages: Vec<MetaPackage>,
}

/// `variable(predicates) = "value"`, or with `+=`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Definition {
    /// The variable.
    pub(crate) variable: String,
    /// The predicates, each with whether it must hold (`-p`: must not).
    pub(crate) predicates: Vec<(String, bool)>,
    /// Whether it is `+=`.
    pub(crate) appends: bool,
    /// The value.
    pub(crate) value: String,
    /// Where it is.
    pub(crate) at: LineCol,
}

impl MetaPackage {
    /// What `variable` is where exactly the predicates hold that `holds` says.
    pub(crate) fn lookup(&self, variable: &str, holds: impl Fn(&str) -> bool) -> Option<String> {
        let all = self.definitions.iter().filter(|definition| definition.variable == variable);
        let fit = all.filter(|d| d.predicates.iter().all(|(predicate, wanted)| holds(predicate) == *wanted));
        let (appended, bases): (Vec<_>, Vec<_>) = fit.partition(|definition| definition.appends);
        // `max_by_key` would give the last of the best.
        let base = bases.iter().rev().max_by_key(|definition| definition.predicates.len());
        let values: Vec<_> =
            base.into_iter().chain(&appended).map(|definition| definition.value.as_str()).collect();
        if values.is_empty() { None } else { Some(values.join(" ")) }
    }
    /// The first definition of `variable`, whatever its predicates.
    pub(crate) fn definition(&self, variable: &str) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.variable == variable)
    }
}

/// Splits a list of names: findlib parts them by white space and commas.
pub(crate) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

/// Reads a `META` file.
pub(crate) fn read(text: &str) -> (MetaPackage, Vec<SyntaxError>) {
    let mut reader = Reader { cursor: Cursor::new(text), errors: Vec::new() };
    let mut open = vec![MetaPackage::default()];
    loop {
        let (token, at) = reader.token();
        match token {
            Token::End => break,
            Token::Close if open.len() > 1 => close(&mut open),
            Token::Word(word) if word == "package" => {
                let (name, at) = reader.token();
                let Token::Text(name) = name else {
                    reader.error("`package` needs a name in quotes", at);
                    continue;
                };
                if reader.token().0 != Token::Open {
                    reader.error("`package \"..\"` needs a parenthesis", at);
                }
                if open.len() > MAX_DEPTH {
                    reader.error("packages are nested too deep", at);
                    break;
                }
                open.push(MetaPackage { name, ..MetaPackage::default() });
            }
            Token::Word(variable) => {
                if let Some(definition) = reader.definition(variable, at) {
                    open.last_mut().expect("the file's own package stays").definitions.push(definition);
                }
            }
            _ => reader.error("expected a variable, or `package`", at),
        }
    }
    while open.len() > 1 {
        let at = reader.cursor.at();
        reader.error("a package is never closed", at);
        close(&mut open);
    }
    (open.pop().expect("the file's own package stays"), reader.errors)
}

fn close(open: &mut Vec<MetaPackage>) {
    let package = open.pop().expect("at least two packages are open");
    open.last_mut().expect("the file's own package stays").packages.push(package);
}

#[derive(PartialEq, Eq, Debug)]
enum Token {
    End,
    Open,
    Close,
    Comma,
    Minus,
    Equal,
    PlusEqual,
    Word(String),
    Text(String),
    Other,
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    errors: Vec<SyntaxError>,
}

impl Reader<'_> {
    fn error(&mut self, message: &str, at: LineCol) {
        // One file that is no META at all would otherwise give an error per byte.
        if self.errors.len() < 20 {
            self.errors.push(SyntaxError { message: message.into(), at });
        }
    }
    fn token(&mut self) -> (Token, LineCol) {
        loop {
            let at = self.cursor.at();
            let Some(byte) = self.cursor.bump() else { return (Token::End, at) };
            let token = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => continue,
                b'#' => {
                    while self.cursor.text.get(self.cursor.pos).is_some_and(|&byte| byte != b'\n') {
                        self.cursor.pos += 1;
                    }
                    continue;
                }
                b'(' => Token::Open,
                b')' => Token::Close,
                b',' => Token::Comma,
                b'-' => Token::Minus,
                b'=' => Token::Equal,
                b'+' if self.cursor.text.get(self.cursor.pos) == Some(&b'=') => {
                    self.cursor.pos += 1;
                    Token::PlusEqual
                }
                b'"' => Token::Text(self.string(at)),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => Token::Word(self.word()),
                _ => Token::Other,
            };
            return (token, at);
        }
    }
    fn word(&mut self) -> String {
        let start = self.cursor.pos - 1;
        while self
            .cursor
            .text
            .get(self.cursor.pos)
            .is_some_and(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        {
            self.cursor.pos += 1;
        }
        String::from_utf8_lossy(&self.cursor.text[start..self.cursor.pos]).into_owned()
    }
    fn string(&mut self, at: LineCol) -> String {
        let mut out = Vec::new();
        loop {
            match self.cursor.bump() {
                Some(b'"') => break,
                Some(b'\\') => out.extend(self.cursor.bump()),
                Some(byte) => out.push(byte),
                None => {
                    self.error("this string is never closed", at);
                    break;
                }
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }
    /// Reads what follows the variable; `None`, and an error, where it is no definition.
    fn definition(&mut self, variable: String, at: LineCol) -> Option<Definition> {
        let mut predicates = Vec::new();
        let (mut token, mut token_at) = self.token();
        if token == Token::Open {
            let mut wanted = true;
            loop {
                (token, token_at) = self.token();
                match token {
                    Token::Close => break,
                    Token::Comma => {}
                    Token::Minus => wanted = false,
                    Token::Word(word) => predicates.push((word, std::mem::replace(&mut wanted, true))),
                    _ => {
                        self.error("expected a predicate", token_at);
                        return None;
                    }
                }
            }
            (token, token_at) = self.token();
        }
        let appends = match token {
            Token::Equal => false,
            Token::PlusEqual => true,
            _ => {
                self.error("expected `=` or `+=`", token_at);
                return None;
            }
        };
        match self.token() {
            (Token::Text(value), _) => Some(Definition { variable, predicates, appends, value, at }),
            (_, at) => {
                self.error("expected a value in quotes", at);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: &str = r#"
        # a comment
        requires(mt,mt_vm) = "threads.vm"
        requires(mt,mt_posix) = "threads.posix"
        requires = "x"
        requires(mt) += "y"
        directory = "^"
        package "posix" ( requires = "unix" archive(native,-byte) = "t.cmxa" )
    "#;

    fn lookup(package: &MetaPackage, variable: &str, predicates: &[&str]) -> Option<String> {
        package.lookup(variable, |predicate| predicates.contains(&predicate))
    }

    #[test]
    fn the_definition_with_most_predicates_counts() {
        let (meta, errors) = read(THREADS);
        assert_eq!(errors, []);
        assert_eq!(lookup(&meta, "requires", &["mt", "mt_posix"]).as_deref(), Some("threads.posix y"));
        assert_eq!(lookup(&meta, "requires", &[]).as_deref(), Some("x"));
        assert_eq!(lookup(&meta, "archive", &[]), None);
        let posix = &meta.packages[0];
        assert_eq!(lookup(posix, "archive", &["native"]).as_deref(), Some("t.cmxa"));
        assert_eq!(lookup(posix, "archive", &["native", "byte"]), None);
    }

    #[test]
    fn the_first_among_equals_counts() {
        let (meta, _) = read("a(p) = \"1\" a(q) = \"2\" a = \"0\"");
        assert_eq!(lookup(&meta, "a", &["p", "q"]).as_deref(), Some("1"));
    }

    #[test]
    fn errors_have_places_and_do_not_end_the_reading() {
        let (meta, errors) = read("a = \"1\"\nb \"2\"\n  c = \"3\"\npackage \"p\" ( d = \"4\"");
        let errors: Vec<_> =
            errors.iter().map(|e| format!("{}:{} {}", e.at.line, e.at.col, e.message)).collect();
        assert_eq!(errors, ["2:2 expected `=` or `+=`", "4:21 a package is never closed"]);
        let names: Vec<_> = meta.definitions.iter().map(|d| d.variable.as_str()).collect();
        assert_eq!((names, meta.packages.len()), (vec!["a", "c"], 1));
    }
}
