//! What ocamlyacc makes of a grammar: tables and an array of actions, over the engine of `Parsing`.

use super::MAX_TEXT_BYTES;
use super::grammar::Grammar;
use super::made::Made;
use crate::base::Span;
use crate::project::SourceKind;
use std::fmt::Write;

/// Writes what ocamlyacc makes of a grammar.
pub(super) fn made(source: &[u8], grammar: &Grammar, kind: SourceKind) -> Made {
    let mut made = Made::default();
    made.write(0, &tokens(grammar));
    if kind == SourceKind::Interface {
        made.write(0, &entries(grammar, PARSE));
        return made;
    }
    made.write(0, "open Parsing;;\nlet _ = parse_error;;\n");
    let copy = |made: &mut Made, span: Span| {
        made.copy(span.start, &source[span.start as usize..span.end as usize]);
    };
    let mut end = 0;
    for &header in &grammar.headers {
        copy(&mut made, header);
        end = header.end;
    }
    let mut head = String::from("\n;;\n");
    // In the automaton's place, something about as long.
    let n_bytes = table_bytes(grammar);
    for table in ["lhs", "len", "defred", "dgoto", "sindex", "rindex", "gindex", "table", "check"] {
        _ = writeln!(head, "let yy{table} = \"{}\"", "0".repeat(n_bytes / 9));
    }
    head.push_str("let yytransl_const = [| 0 |]\nlet yytransl_block = [| 0 |]\n");
    let names: String = grammar.tokens.iter().map(|token| format!("{} ", token.name)).collect();
    _ = write!(head, "let yynames_const = \"{names}\"\nlet yynames_block = \"\"\n");
    head.push_str("let yyact = [| (fun _ -> failwith \"parser\")\n");
    made.write(end, &head);
    for action in &grammar.actions {
        let mut head = String::from("; (fun __caml_parser_env ->\n");
        for name in &action.bound {
            _ = writeln!(head, "let {name} = Parsing.peek_val __caml_parser_env 0 in");
        }
        head.push_str("Obj.repr (");
        made.write(action.at, &head);
        made.copy(action.at, &action.code);
        end = action.at + action.code.len() as u32;
        made.write(end, "))\n");
    }
    let mut tail = String::new();
    for _ in &grammar.starts {
        tail.push_str(
            "; (fun __caml_parser_env -> raise (Parsing.YYexit (Parsing.peek_val __caml_parser_env 0)))\n",
        );
    }
    tail.push_str("|]\nlet yytables = { Parsing.actions = yyact;\n");
    for field in
        ["transl_const", "transl_block", "lhs", "len", "defred", "dgoto", "sindex", "rindex", "gindex"]
    {
        _ = writeln!(tail, "Parsing.{field} = yy{field};");
    }
    tail.push_str(
        "Parsing.tablesize = 0; Parsing.table = yytable; Parsing.check = yycheck;\n\
         Parsing.error_function = parse_error;\n\
         Parsing.names_const = yynames_const; Parsing.names_block = yynames_block }\n",
    );
    for (nth, start) in grammar.starts.iter().enumerate() {
        let (name, nth) = (&start.name, nth + 1);
        _ = writeln!(
            tail,
            "let {name} (lexfun : Lexing.lexbuf -> token) (lexbuf : Lexing.lexbuf) =\n\
             Parsing.yyparse yytables {nth} lexfun lexbuf"
        );
    }
    made.write(end, &tail);
    if let Some(trailer) = grammar.trailer {
        made.write(trailer.start, ";;\n");
        copy(&mut made, trailer);
    }
    made
}

/// The type of tokens; a type that is far too long is not written to the end.
pub(super) fn tokens(grammar: &Grammar) -> String {
    let mut text = String::from(if grammar.tokens.is_empty() { "type token\n" } else { "type token =\n" });
    for token in &grammar.tokens {
        if text.len() > MAX_TEXT_BYTES {
            break;
        }
        _ = match &token.value {
            Some(value) => writeln!(text, "| {} of ({value})", token.name),
            None => writeln!(text, "| {}", token.name),
        };
    }
    text
}

/// What stands around the type of a value in the type of an entry that parses it.
pub(super) const PARSE: [&str; 2] = ["(Lexing.lexbuf -> token) -> Lexing.lexbuf -> (", ")"];

/// What an interface says of the entries of a parser.
pub(super) fn entries(grammar: &Grammar, [before, behind]: [&str; 2]) -> String {
    let mut text = String::new();
    for start in &grammar.starts {
        if text.len() > MAX_TEXT_BYTES {
            break;
        }
        _ = writeln!(text, "val {} : {before}{}{behind}", start.name, grammar.type_of(start));
    }
    text
}

/// About how long the tables of a grammar are.
fn table_bytes(grammar: &Grammar) -> usize {
    200 + 20 * grammar.n_symbols
}
