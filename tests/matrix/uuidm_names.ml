(* packages: uuidm *)
(* Names that are the same everywhere. *)

let () = print_endline (Uuidm.to_string (Uuidm.v5 Uuidm.ns_dns "example.org"))
