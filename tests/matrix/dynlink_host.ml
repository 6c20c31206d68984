(* packages: dynlink *)
(* A host for plug-ins. *)

let () =
  Array.iteri
    (fun i file ->
      if i > 0 then
        try Dynlink.loadfile (Dynlink.adapt_filename file)
        with Dynlink.Error error -> prerr_endline (Dynlink.error_message error))
    Sys.argv
