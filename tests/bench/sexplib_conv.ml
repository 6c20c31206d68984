(* packages: sexplib *)
(* vendored: sexplib *)
open Sexplib.Std
let () = print_endline (Sexplib.Sexp.to_string (sexp_of_list sexp_of_int [ 1; 2; 3 ]))
