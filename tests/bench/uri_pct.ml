(* packages: uri *)
(* vendored: uri *)
let () = print_endline (Uri.pct_encode "a b/c?d"); print_endline (Uri.pct_decode "a%20b")
