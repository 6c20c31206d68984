(* packages: fpath *)
(* Cleans up file names. *)

let () =
  List.iter
    (fun text ->
      match Fpath.of_string text with
      | Error (`Msg message) -> prerr_endline message
      | Ok path -> print_endline (Fpath.to_string (Fpath.set_ext "txt" (Fpath.normalize path))))
    [ "a/../b/./c.ml"; "/usr//lib/x.tar.gz" ]
