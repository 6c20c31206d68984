(* packages: ppxlib *)
(* A rewriter's traversal: upper-cases every string of a source text. *)

open Ppxlib

let shout = object
  inherit Ast_traverse.map as super
  method! constant = function
    | Pconst_string (text, loc, delimiter) -> Pconst_string (String.uppercase_ascii text, loc, delimiter)
    | constant -> super#constant constant
end

let () =
  let structure = Parse.implementation (Lexing.from_string {|let greeting = "hello" ^ "you"|}) in
  Pprintast.structure Format.std_formatter (shout#structure structure)
