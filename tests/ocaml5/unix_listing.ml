(* packages: unix *)
(* Unix is a library with a directory of its own. *)

let () =
  let dir = Unix.opendir (if Array.length Sys.argv > 1 then Sys.argv.(1) else ".") in
  Fun.protect
    ~finally:(fun () -> Unix.closedir dir)
    (fun () -> try while true do print_endline (Unix.readdir dir) done with End_of_file -> ())
