(* packages: compiler-libs.common *)
(* Parses and prints OCaml with the compiler's own modules. *)

let () =
  let structure = Parse.implementation (Lexing.from_string "let x = 1 + 2") in
  Pprintast.structure Format.std_formatter structure
