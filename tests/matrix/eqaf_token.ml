(* packages: eqaf *)
(* Compares secrets in constant time. *)

let () = print_endline (string_of_bool (Eqaf.equal "secret" (if Array.length Sys.argv > 1 then Sys.argv.(1) else "")))
