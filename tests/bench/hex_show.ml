(* packages: hex *)
(* vendored: hex *)
let () = print_endline (Hex.show (Hex.of_string "hello"))
