(* packages: re *)
(* vendored: re *)
let () =
  let re = Re.compile (Re.Glob.glob ~anchored:true "*.ml") in
  List.iter (fun file -> Printf.printf "%s %b\n" file (Re.execp re file)) [ "a.ml"; "b.mli"; "c.ml" ]
