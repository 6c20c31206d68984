(* packages: dynlink *)
(* A host of plugins: no compiler inside. *)

let () =
  match Dynlink.loadfile_private (if Dynlink.is_native then "plugin.cmxs" else "plugin.cmo") with
  | () -> ()
  | exception Dynlink.Error error -> prerr_endline (Dynlink.error_message error)
