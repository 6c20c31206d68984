(* packages: qcheck-core *)
(* vendored: qcheck-core *)
let () = QCheck.Shrink.int 100 (fun n -> Printf.printf "%d " n); print_newline ()
