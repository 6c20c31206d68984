//! What ocamllex makes of a `.mll`: a function for each rule, over the engine of `Lexing`.

use super::made::Made;
use super::pattern::{Named, Pattern};
use super::tokens::{Token, Tokens};
use crate::base::Span;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a `.mll` says, in order.
#[derive(Debug, Default)]
struct Lexer {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// The header, or the trailer.
    Code(Span),
    Refill(Span),
    Rule(Rule),
}

#[derive(Debug)]
struct Rule {
    /// Where its name stands.
    at: u32,
    name: String,
    arguments: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    pattern: Pattern,
    action: Span,
}

/// Writes what ocamllex makes of a file.
pub(super) fn made(source: &[u8]) -> Made {
    let lexer = Lexer::read(source);
    let mut made = Made::default();
    let copy = |made: &mut Made, span: Span| {
        made.copy(span.start, &source[span.start as usize..span.end as usize]);
    };
    let refills = lexer.parts.iter().any(|part| matches!(part, Part::Refill(_)));
    let (mut has_tables, mut is_behind_rule) = (false, false);
    for part in &lexer.parts {
        match part {
            Part::Code(code) => {
                made.write(code.start, "\n;;\n");
                copy(&mut made, *code);
            }
            Part::Refill(code) => {
                let head =
                    "\n;;\nlet __ocaml_lex_refill : (Lexing.lexbuf -> 'a) -> (Lexing.lexbuf -> 'a) = (";
                made.write(code.start, head);
                copy(&mut made, *code);
                made.write(code.end, ")");
            }
            Part::Rule(rule) => {
                if !std::mem::replace(&mut has_tables, true) {
                    let table = "0".repeat(lexer.table_bytes());
                    let text =
                        format!("\n;;\nlet __ocaml_lex_tables = {{ Lexing.lex_base = \"{table}\" }}\n");
                    made.write(rule.at, &text);
                }
                rule.write(&mut made, source, !is_behind_rule, refills);
            }
        }
        is_behind_rule = matches!(part, Part::Rule(_));
    }
    made
}

impl Rule {
    fn write(&self, made: &mut Made, source: &[u8], is_first: bool, refills: bool) {
        let Rule { at, name, arguments, .. } = self;
        let all: String = arguments.iter().map(|argument| format!("{argument} ")).collect();
        let inner = format!("__ocaml_lex_{name}_rec");
        let word = if is_first { "let rec" } else { "and" };
        let names: Vec<_> = self.cases.iter().map(|case| case.pattern.names()).collect();
        let n_cells: usize = names.iter().flat_map(|names| names.values()).map(|found| found.n_cells).sum();
        let (engine, memory) = match n_cells {
            0 => ("engine", String::new()),
            _ => ("new_engine", format!("lexbuf.Lexing.lex_mem <- Array.make {n_cells} (-1); ")),
        };
        made.write(
            *at,
            &format!(
                "\n{word} {name} {all}lexbuf = {memory}{inner} {all}lexbuf 0\n\
             and {inner} {all}lexbuf __ocaml_lex_state =\n\
             match Lexing.{engine} __ocaml_lex_tables __ocaml_lex_state lexbuf with\n",
            ),
        );
        for (nth, (case, names)) in self.cases.iter().zip(&names).enumerate() {
            let mut head = format!("| {nth} ->\n");
            for (name, found) in names {
                let option = if found.is_optional { "_opt" } else { "" };
                let what = if found.is_char { "_char" } else { "" };
                let start = match found.n_cells {
                    0 => "lexbuf.Lexing.lex_start_pos",
                    _ => "lexbuf.Lexing.lex_mem.(0)",
                };
                let end = if found.is_char { "" } else { " lexbuf.Lexing.lex_curr_pos" };
                _ = writeln!(head, "let {name} = Lexing.sub_lexeme{what}{option} lexbuf {start}{end} in");
            }
            head.push('(');
            made.write(case.action.start, &head);
            made.copy(case.action.start, &source[case.action.start as usize..case.action.end as usize]);
            made.write(case.action.end, ")\n");
        }
        let again = match refills {
            true => format!(
                "__ocaml_lex_refill (fun lexbuf -> lexbuf.Lexing.refill_buff lexbuf; \
                 {inner} {all}lexbuf __ocaml_lex_state) lexbuf"
            ),
            false => format!("lexbuf.Lexing.refill_buff lexbuf; {inner} {all}lexbuf __ocaml_lex_state"),
        };
        let end = self.cases.last().map_or(*at, |case| case.action.end);
        made.write(end, &format!("| __ocaml_lex_state -> {again}\n"));
    }
}

impl Lexer {
    fn read(source: &[u8]) -> Lexer {
        let mut lexer = Lexer::default();
        let mut tokens = Tokens::new(source, false);
        let mut named: BTreeMap<String, Named> = BTreeMap::new();
        let mut n_left = MAX_PARTS;
        while let Some((token, span)) = tokens.next() {
            match (token, tokens.text(span)) {
                (Token::Code, _) => lexer.parts.push(Part::Code(span)),
                (Token::Word, b"refill") => {
                    if let Some((Token::Code, code)) = tokens.peek() {
                        tokens.next();
                        lexer.parts.push(Part::Refill(code));
                    }
                }
                (Token::Word, b"let") => {
                    let Some((Token::Word, name)) = tokens.next() else { continue };
                    if let Some((Token::Symbol(b'='), _)) = tokens.peek() {
                        tokens.next();
                    }
                    let pattern = Pattern::read(&mut tokens, &named).named();
                    named.insert(tokens.word(name), pattern);
                }
                (Token::Word, b"rule" | b"and") => {
                    lexer.parts.extend(rule(&mut tokens, &named, &mut n_left).map(Part::Rule));
                }
                _ => {}
            }
        }
        lexer
    }

    /// About how long the tables of its automaton are.
    fn table_bytes(&self) -> usize {
        let rules = self.parts.iter().filter_map(|part| match part {
            Part::Rule(rule) => Some(rule),
            Part::Code(_) | Part::Refill(_) => None,
        });
        let cases = rules.flat_map(|rule| &rule.cases);
        let n_positions = cases.fold(0usize, |sum, case| sum.saturating_add(case.pattern.n_positions()));
        TABLE_BYTES.saturating_add(n_positions.saturating_mul(POSITION_BYTES)).min(MAX_TABLE_BYTES)
    }
}

/// What the tables of any automaton take, and what a place of a character in a pattern adds: in the median of a hundred
/// lexers, where half are between 0.6 and 1.5 times that.
const TABLE_BYTES: usize = 1050;
const POSITION_BYTES: usize = 50;

/// Patterns of a file with more parts, named ones counted each time, are not looked into.
const MAX_PARTS: usize = 1 << 20;

/// An automaton of ocamllex has at most 32,767 transitions, each of four bytes.
const MAX_TABLE_BYTES: usize = 200_000;

/// Reads a rule from behind its keyword.
fn rule(tokens: &mut Tokens<'_>, named: &BTreeMap<String, Named>, n_left: &mut usize) -> Option<Rule> {
    let (Token::Word, name) = tokens.next()? else { return None };
    let mut rule = Rule { at: name.start, name: tokens.word(name), arguments: Vec::new(), cases: Vec::new() };
    // Arguments, up to `= parse`.
    loop {
        match tokens.peek()? {
            (Token::Word, span) if matches!(tokens.text(span), b"parse" | b"shortest") => {
                tokens.next();
                break;
            }
            (Token::Word, span) => rule.arguments.push(tokens.word(span)),
            (Token::Code, _) => break,
            _ => {}
        }
        tokens.next();
    }
    let mut has_bar = true;
    loop {
        if let Some((Token::Symbol(b'|'), _)) = tokens.peek() {
            tokens.next();
            has_bar = true;
        }
        // What follows an action without a bar is another rule, or the trailer.
        if !has_bar {
            break;
        }
        let pattern = Pattern::read(tokens, named);
        let Some((Token::Code, action)) = tokens.peek() else { break };
        tokens.next();
        let pattern = match n_left.checked_sub(pattern.extent().0) {
            Some(left) => {
                *n_left = left;
                pattern
            }
            None => Pattern::Eof,
        };
        rule.cases.push(Case { pattern, action });
        has_bar = false;
    }
    Some(rule)
}
