(* packages: ppx_deriving.runtime *)
(* What derived code calls at run time. *)

let () =
  let show = Ppx_deriving_runtime.Format.asprintf "%d" in
  print_endline (show 3);
  print_endline (string_of_int (Ppx_deriving_runtime.compare 1 2))
