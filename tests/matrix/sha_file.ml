(* packages: sha *)
(* Checksum of this program. *)

let () = print_endline (Sha256.to_hex (Sha256.file_fast Sys.executable_name))
