(* packages: dose3.versioning *)
(* Compares versions the way Debian does. *)

let () =
  let compare = Dose_versioning.Debian.compare in
  List.iter (fun (a, b) -> Printf.printf "%s %s %d\n" a b (compare a b)) [ ("1.0~rc1", "1.0"); ("2:0.1", "1.9") ]
