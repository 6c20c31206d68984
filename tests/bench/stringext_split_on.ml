(* packages: stringext *)
(* vendored: stringext *)
let () = List.iter print_endline (Stringext.split "a,b,c" ~on:',')
