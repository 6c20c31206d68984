//! What a generator will make of a `.mll` or `.mly`, before it has: a text with the same names and references.
//!
//! The code that people wrote in the file is taken over as it stands, header, actions and trailer; what the generator writes
//! around it (`Lexing.engine`, `Parsing.yyparse`, the engine of `MenhirLib`...) is written here as it writes it, as far as it
//! names something. The automaton is not worked out: in its place stand tables and functions of about the length that
//! it will have.
//!
//! * `lexer` and `pattern`: `ocamllex`; `grammar`: what a `.mly` says; `yacc` and `menhir`: what the two make of it;
//! * `tokens`: the words of both languages; `made`: the text, and where each part of it stands in the file.
//!
//! Source: the output of ocamllex and ocamlyacc 4.13 and of menhir 20220210, and their manuals.

mod grammar;
mod lexer;
mod made;
mod menhir;
mod pattern;
#[cfg(test)]
mod tests;
mod tokens;
mod yacc;

pub use made::Made;

use crate::base::LineIndex;
use crate::project::{Generator, MenhirFlags, SourceKind};
use grammar::Grammar;

/// A longer file is not read: the longest grammar that was met has 0.2 MB.
const MAX_SOURCE_BYTES: usize = 4 << 20;

/// A longer text is not read, nor one that is so much longer than what it is made of: of what people write, none comes near.
const MAX_TEXT_BYTES: usize = 3 << 20;
const MIN_TEXT_BYTES: usize = 1 << 20;
const MAX_GROWTH: usize = 64;

/// Writes what a generator will make of a file; `None` where that would be out of all proportion long.
#[must_use]
pub fn made_text(source: &[u8], generator: &Generator, kind: SourceKind) -> Option<Made> {
    if source.len() > MAX_SOURCE_BYTES {
        return None;
    }
    let made = match generator {
        Generator::Ocamllex => lexer::made(source),
        Generator::Written { text, at } => {
            let lines = LineIndex::new(source);
            let mut made = Made::default();
            made.write(lines.line_start(at.line).unwrap_or_default() + at.col, text);
            made
        }
        Generator::Ocamlyacc => yacc::made(source, &Grammar::read(source), kind),
        Generator::Menhir(flags) => menhir::made(source, &Grammar::read(source), flags, kind),
        Generator::YaccOrMenhir => {
            let grammar = Grammar::read(source);
            match grammar.is_menhir {
                true => menhir::made(source, &grammar, &MenhirFlags::default(), kind),
                false => yacc::made(source, &grammar, kind),
            }
        }
    };
    let limit = (source.len() * MAX_GROWTH).clamp(MIN_TEXT_BYTES, MAX_TEXT_BYTES);
    Some(made).filter(|made| made.text().len() <= limit)
}
