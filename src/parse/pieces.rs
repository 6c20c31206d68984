//! Where a long text may be cut: before items of the file that begin a line.
//!
//! A tree takes 39 times its text, so a text that is not short is parsed piece by piece, each a run of whole items. A scan of
//! the tokens finds the places: outside comments, strings and brackets, at the start of a line, a word that begins an item,
//! behind something that ends one (`f let x` is no OCaml, and `= let x` is an expression).
//! Where brackets do not match, there is no place to cut, and what is left is one piece.

use super::lexical::Lexical;
use crate::base::Span;

/// Cuts a text into pieces of at least `least` bytes, where it can be cut; together they are the whole text, in order.
pub(super) fn pieces(text: &[u8], least: usize) -> Vec<Span> {
    let mut scan = Scan { here: Lexical::new(text), depth: 0, is_behind_operand: true };
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(at) = scan.next_item() {
        if at - start >= least.max(1) {
            pieces.push(Span::new(start, at));
            start = at;
        }
    }
    pieces.push(Span::new(start, text.len()));
    pieces
}

struct Scan<'t> {
    here: Lexical<'t>,
    /// Brackets around, `begin`, `struct`, `sig`, `object` and `do` among them.
    depth: usize,
    /// Whether the last token may end an expression, a type or an item.
    is_behind_operand: bool,
}

impl Scan<'_> {
    /// Moves behind the next word that surely begins an item of the file; gives the place before it.
    fn next_item(&mut self) -> Option<usize> {
        let text = self.here.text;
        while let Some(byte) = self.here.peek() {
            let start = self.here.at;
            self.here.at += 1;
            let is_at_line = start == 0 || text[start - 1] == b'\n';
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => {}
                b'#' if is_at_line && self.here.is_directive() => self.here.line(),
                b'(' if self.here.peek() == Some(b'*') => self.here.comment(),
                b'"' => {
                    self.here.string();
                    self.is_behind_operand = true;
                }
                b'{' if self.here.quoted() => self.is_behind_operand = true,
                // A character, a type variable, or the quote of a polymorphic variant's neighbour.
                b'\'' => {
                    self.here.character();
                    self.is_behind_operand = true;
                }
                b'(' | b'[' | b'{' => self.open(),
                b')' | b']' | b'}' => self.close()?,
                b';' => self.is_behind_operand = start > 0 && text[start - 1] == b';',
                b'0'..=b'9' => {
                    self.here.word_end();
                    self.is_behind_operand = true;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                    self.here.word_end();
                    match word(&text[start..self.here.at]) {
                        Word::Operand => self.is_behind_operand = true,
                        Word::Open => self.open(),
                        Word::Close => self.close()?,
                        Word::Item if is_at_line && self.depth == 0 && self.is_behind_operand => {
                            self.is_behind_operand = false;
                            return Some(start);
                        }
                        Word::Item | Word::Other => self.is_behind_operand = false,
                    }
                }
                _ => self.is_behind_operand = false,
            }
        }
        None
    }

    fn open(&mut self) {
        self.depth += 1;
        self.is_behind_operand = false;
    }

    fn close(&mut self) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        self.is_behind_operand = true;
        Some(())
    }
}

enum Word {
    /// It may end an expression, a type or an item.
    Operand,
    Open,
    Close,
    /// It begins an item, where one may begin.
    Item,
    Other,
}

fn word(word: &[u8]) -> Word {
    match word {
        b"begin" | b"struct" | b"sig" | b"object" | b"do" => Word::Open,
        b"end" | b"done" => Word::Close,
        b"let" | b"module" | b"type" | b"exception" | b"external" | b"open" | b"include" | b"class"
        | b"val" => Word::Item,
        b"and" | b"as" | b"asr" | b"assert" | b"constraint" | b"downto" | b"effect" | b"else" | b"for"
        | b"fun" | b"function" | b"functor" | b"if" | b"in" | b"inherit" | b"initializer" | b"land"
        | b"lazy" | b"lor" | b"lsl" | b"lsr" | b"lxor" | b"match" | b"method" | b"mod" | b"mutable"
        | b"new" | b"nonrec" | b"of" | b"or" | b"private" | b"rec" | b"then" | b"to" | b"try"
        | b"virtual" | b"when" | b"while" | b"with" => Word::Other,
        _ => Word::Operand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        pieces(text.as_bytes(), 1).iter().map(|span| &text[span.start as usize..span.end as usize]).collect()
    }

    #[test]
    fn items_that_begin_a_line_begin_a_piece() {
        assert_eq!(cut("let a = 1\nlet b = 2\n"), ["let a = 1\n", "let b = 2\n"]);
        assert_eq!(cut("type t = A\n  type u\nval x : t\n"), ["type t = A\n  type u\n", "val x : t\n"]);
        assert_eq!(cut("x ();;\nlet a = 1"), ["x ();;\n", "let a = 1"]);
        assert_eq!(cut("(* \"*)\" *)\nopen A\nlet a = 1"), ["(* \"*)\" *)\n", "open A\n", "let a = 1"]);
    }

    #[test]
    fn nothing_is_cut_inside_an_item() {
        for text in [
            "let a =\nlet b = 1 in\nlet c = 2 in b + c",
            "module M = struct\nlet a = 1\nlet b = 2\nend",
            "let a = (\nf\n)\nand b = '(' and c = '\\'' and d = \"\nlet e\"",
            "let a = {x|\nlet b = 1\nlet c|x}",
            "let a = {%e x|\nlet b|}\nlet c|x}",
            "let a =\n# 12 \"b\"\nlet b = 1 in b",
            "let a = 1 (* '\"' {|\nlet b *)|} *) ",
            "module F (X : S\nwith\ntype t = int) = X",
        ] {
            assert_eq!(cut(text), [text]);
        }
    }

    #[test]
    fn what_does_not_match_is_not_cut() {
        assert_eq!(cut("let a = )\nlet b = 1\nlet c = 2"), ["let a = )\nlet b = 1\nlet c = 2"]);
        assert_eq!(cut("let a = (\nlet b = 1\nlet c = 2"), ["let a = (\nlet b = 1\nlet c = 2"]);
    }
}
