(* packages: js_of_ocaml-compiler *)
(* Parses JavaScript with the compiler's own parser and prints it back. *)

open Js_of_ocaml_compiler

let () =
  let lexer = Parse_js.Lexer.of_lexbuf (Lexing.from_string "function f(x) { return x + 1 }") in
  let program = Parse_js.parse lexer in
  let out = Pretty_print.to_out_channel stdout in
  ignore (Js_output.program out program)
