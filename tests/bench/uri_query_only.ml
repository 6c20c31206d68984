(* packages: uri *)
(* vendored: uri *)
let () = print_endline (Uri.encoded_of_query [ "a", [ "1"; "2" ]; "b c", [] ])
