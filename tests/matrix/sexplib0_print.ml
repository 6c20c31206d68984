(* packages: sexplib0 *)
(* Prints one S-expression. *)

let () =
  let open Sexplib0 in
  print_endline (Sexp.to_string (Sexp_conv.sexp_of_list Sexp_conv.sexp_of_int [ 1; 2; 3 ]))
