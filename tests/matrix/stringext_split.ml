(* packages: stringext *)
(* Splits and searches. *)

let () = List.iter print_endline (Stringext.split ~on:';' ~max:2 "a;b;c")
