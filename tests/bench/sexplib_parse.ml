(* packages: sexplib *)
(* vendored: sexplib *)
let () = print_endline (Sexplib.Sexp.to_string_hum (Sexplib.Sexp.of_string "(a (b c) \"d e\")"))
