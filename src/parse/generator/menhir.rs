//! What menhir makes of a grammar: functions that are the automaton, or tables for the engine of `MenhirLib`.

use super::grammar::{Action, Grammar};
use super::made::Made;
use super::yacc::{PARSE, entries, tokens};
use crate::base::Span;
use crate::project::{MenhirFlags, SourceKind};
use std::fmt::Write;

/// Writes what menhir makes of a grammar.
pub(super) fn made(source: &[u8], grammar: &Grammar, flags: &MenhirFlags, kind: SourceKind) -> Made {
    let mut made = Made::default();
    let menhir = Menhir { source, grammar, flags };
    match kind {
        SourceKind::Interface => made.write(0, &menhir.interface()),
        SourceKind::Implementation if flags.is_only_tokens => made.write(0, &tokens(grammar)),
        SourceKind::Implementation => menhir.implementation(&mut made),
    }
    made
}

/// About what a symbol on the right of a rule adds to the tables.
const TABLE_BYTES: usize = 30;

/// No automaton has more states; those of compilers have two thousand.
const MAX_STATES: usize = 5_000;

struct Menhir<'a> {
    source: &'a [u8],
    grammar: &'a Grammar,
    flags: &'a MenhirFlags,
}

impl Menhir<'_> {
    /// The type of tokens.
    fn tokens(&self) -> String {
        match self.flags.external_tokens {
            Some(module) => format!("type token = {module}.token\n"),
            None => tokens(self.grammar),
        }
    }

    /// `(M : S) (N : T)`
    fn parameters(&self) -> String {
        self.grammar.parameters.iter().map(|parameter| format!("({parameter}) ")).collect()
    }

    fn interface(&self) -> String {
        let mut text = self.tokens();
        if self.flags.is_only_tokens {
            return text;
        }
        text.push_str("exception Error\n");
        let parameters = self.parameters();
        if !parameters.is_empty() {
            _ = writeln!(text, "module Make {parameters}: sig");
        }
        text.push_str(&entries(self.grammar, PARSE));
        if self.flags.is_table {
            text.push_str(
                "module MenhirInterpreter : sig\n\
                 include MenhirLib.IncrementalEngine.INCREMENTAL_ENGINE with type token = token\n",
            );
            if self.flags.has_inspection {
                text.push_str(
                    "type _ terminal\ntype _ nonterminal\n\
                     include MenhirLib.IncrementalEngine.INSPECTION\n\
                     with type 'a lr1state := 'a lr1state with type production := production\n\
                     with type 'a terminal := 'a terminal with type 'a nonterminal := 'a nonterminal\n\
                     with type 'a env := 'a env\n",
                );
            }
            text.push_str("end\nmodule Incremental : sig\n");
            text.push_str(&entries(self.grammar, ["Lexing.position -> (", ") MenhirInterpreter.checkpoint"]));
            text.push_str("end\n");
        }
        if !parameters.is_empty() {
            text.push_str("end\n");
        }
        text
    }

    fn implementation(&self, made: &mut Made) {
        let grammar = self.grammar;
        made.write(
            0,
            &format!(
                "module MenhirBasics = struct\nexception Error\nlet _eRR = fun _s -> raise Error\n{}end\n\
             include MenhirBasics\n",
                self.tokens()
            ),
        );
        let parameters = self.parameters();
        if !parameters.is_empty() {
            made.write(0, &format!("module Make {parameters}= struct\n"));
        }
        let mut end = 0;
        for &header in &grammar.headers {
            self.copy(made, header);
            end = header.end;
        }
        made.write(end, "\n;;\n");
        let end = match self.flags.is_table {
            true => self.table(made, end),
            false => self.code(made, end),
        };
        if let Some(trailer) = grammar.trailer {
            made.write(trailer.start, "\n;;\n");
            self.copy(made, trailer);
        }
        if !parameters.is_empty() {
            made.write(grammar.trailer.map_or(end, |trailer| trailer.end), "\nend\n");
        }
    }

    fn copy(&self, made: &mut Made, span: Span) {
        made.copy(span.start, &self.source[span.start as usize..span.end as usize]);
    }

    /// Writes an action between what a function of the values that it names begins and ends with.
    fn action(made: &mut Made, action: &Action, head: &str, tail: &str) -> u32 {
        let end = action.at + action.code.len() as u32;
        made.write(action.at, head);
        made.copy(action.at, &action.code);
        if action.is_function {
            let bound: Vec<&str> = action.bound.iter().map(String::as_str).collect();
            made.write(end, &format!(" ({})", bound.join(", ")));
        }
        made.write(end, tail);
        end
    }

    /// What the rules of menhir's own library bring, where they are used.
    fn library(&self) -> String {
        let rules = [("rev", "List.rev xs"), ("append", "xs @ ys")];
        let used = rules.into_iter().filter(|(rule, _)| self.grammar.uses(rule));
        used.map(|(_, code)| code.to_owned()).collect::<Vec<_>>().join("; ")
    }

    /// Binds each start symbol to what parses it.
    fn bind_starts(&self, text: &mut String, parser: impl Fn(usize) -> String) {
        for (nth, start) in self.grammar.starts.iter().enumerate() {
            _ = writeln!(text, "let {} = {}", start.name, parser(nth));
        }
    }

    /// Functions for the states of the automaton.
    fn code(&self, made: &mut Made, mut end: u32) -> u32 {
        for (nth, action) in self.grammar.actions.iter().enumerate() {
            let bound: String = action.bound.iter().map(|name| format!("{name} ")).collect();
            let head = format!("let _menhir_action_{nth} = fun () {bound}-> (");
            end = Self::action(made, action, &head, ")\n");
        }
        let mut text = String::new();
        let library = self.library();
        if !library.is_empty() {
            _ = writeln!(text, "let _menhir_action_library = fun xs ys -> ({library})");
        }
        text.push_str("let _menhir_print_token = fun _tok -> match _tok with\n| _ when false -> \"\"\n");
        for token in &self.grammar.tokens {
            let argument = if token.value.is_some() { " _" } else { "" };
            _ = writeln!(text, "| {}{argument} -> \"{}\"", token.name, token.name);
        }
        text.push_str(
            "let _menhir_fail = fun () ->\n\
             Printf.eprintf \"Internal failure -- please contact the parser generator's developers.\\n%!\";\n\
             assert false\n",
        );
        // In the automaton's place, something about as long: each state reads a token and goes on.
        text.push_str(
            "let rec _menhir_goto = fun _menhir_stack _menhir_lexbuf _menhir_lexer _v _menhir_s -> match [| ",
        );
        for nth in 0..self.grammar.actions.len() {
            _ = write!(text, "_menhir_action_{nth}; ");
        }
        if !library.is_empty() {
            text.push_str("_menhir_action_library; ");
        }
        text.push_str("|] with _ -> _eRR ()\n");
        for nth in 0..self.grammar.n_symbols.min(MAX_STATES) {
            _ = write!(
                text,
                "and _menhir_run_{nth} = fun _menhir_stack _menhir_lexbuf _menhir_lexer _v _menhir_s ->\n\
                 let _tok = _menhir_lexer _menhir_lexbuf in\n\
                 match _tok with 0 -> _menhir_goto (_menhir_stack, _menhir_s, _v) _menhir_lexbuf _menhir_lexer _tok 1\n\
                 | 1 -> _menhir_goto (_menhir_stack, _menhir_s, _v) _menhir_lexbuf _menhir_lexer _tok 2 | _ -> _eRR ()\n",
            );
        }
        self.bind_starts(&mut text, |_| {
            "fun _menhir_lexer _menhir_lexbuf -> _menhir_goto () _menhir_lexbuf _menhir_lexer () 0".to_owned()
        });
        made.write(end, &text);
        end
    }

    /// Tables for the engine of `MenhirLib`.
    fn table(&self, made: &mut Made, mut end: u32) -> u32 {
        // In the automaton's place, something about as long.
        let table = "0".repeat(200 + TABLE_BYTES * self.grammar.n_symbols);
        let mut head = String::from(
            "module Tables = struct\ninclude MenhirBasics\n\
             let token2terminal : token -> int = fun _tok -> match _tok with\n| _ when false -> 0\n",
        );
        for token in &self.grammar.tokens {
            let argument = if token.value.is_some() { " _" } else { "" };
            _ = writeln!(head, "| {}{argument} -> 1", token.name);
        }
        head.push_str(
            "and error_terminal = 0\nand token2value : token -> Obj.t = fun _tok -> match _tok with\n| _ when false -> Obj.repr ()\n",
        );
        for token in &self.grammar.tokens {
            let (argument, value) = if token.value.is_some() { (" _v", "_v") } else { ("", "()") };
            _ = writeln!(head, "| {}{argument} -> Obj.repr {value}", token.name);
        }
        _ = write!(
            head,
            "and default_reduction = (16, \"\")\nand error = (8, \"\")\nand start = 1\n\
             and action = ((16, \"\"), (16, \"{table}\"))\nand lhs = (8, \"\")\n\
             and goto = ((16, \"\"), (16, \"\"))\nand semantic_action = [|\n",
        );
        made.write(end, &head);
        for action in &self.grammar.actions {
            let mut head = String::from("(fun _menhir_env ->\n");
            for name in &action.bound {
                _ = writeln!(head, "let {name} = Obj.magic _menhir_env.MenhirLib.EngineTypes.current in");
            }
            head.push_str("Obj.repr (");
            end = Self::action(made, action, &head, "));\n");
        }
        let library = self.library();
        let mut text = match library.is_empty() {
            true => String::new(),
            false => format!("(fun xs ys -> Obj.repr ({library}));\n"),
        };
        text.push_str(
            "|]\nand trace = None\nend\nmodule MenhirInterpreter = struct\n\
             module ET = MenhirLib.TableInterpreter.MakeEngineTable (Tables)\n\
             module TI = MenhirLib.Engine.Make (ET)\ninclude TI\n",
        );
        if self.flags.has_inspection {
            text.push_str(
                "module Symbols = struct type _ terminal type _ nonterminal end\ninclude Symbols\n\
                 include MenhirLib.InspectionTableInterpreter.Make (Tables) (struct\ninclude TI\ninclude Symbols\n\
                 include MenhirLib.InspectionTableInterpreter.Symbols (Symbols)\n\
                 let terminal = fun t -> match t with _ -> assert false\n\
                 and nonterminal = fun nt -> match nt with _ -> assert false\n\
                 and lr0_incoming = (8, \"\") and rhs = ((8, \"\"), (8, \"\")) and lr0_core = (8, \"\")\n\
                 and lr0_items = ((16, \"\"), (16, \"\")) and nullable = \"\" and first = (8, \"\")\n\
                 end) (ET) (TI)\n",
            );
        }
        text.push_str("end\n");
        self.bind_starts(&mut text, |nth| {
            format!("fun lexer lexbuf -> Obj.magic (MenhirInterpreter.entry `Legacy {nth} lexer lexbuf)")
        });
        text.push_str("module Incremental = struct\n");
        self.bind_starts(&mut text, |nth| {
            format!("fun initial_position -> Obj.magic (MenhirInterpreter.start {nth} initial_position)")
        });
        text.push_str("end\n");
        made.write(end, &text);
        end
    }
}
