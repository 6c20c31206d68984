(* packages: re *)
(* File names that match a glob. *)

let () =
  let matches = Re.execp (Re.compile (Re.Glob.glob ~anchored:true "*.ml")) in
  Array.iter (fun name -> if matches name then print_endline name) (Sys.readdir ".")
