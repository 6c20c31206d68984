(* packages: csexp *)
(* vendored: csexp *)
module Sexp = struct type t = Atom of string | List of t list end
module C = Csexp.Make (Sexp)
let () = print_endline (C.to_string (Sexp.List [ Sexp.Atom "hello"; Sexp.List [] ]))
