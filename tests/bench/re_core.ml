(* packages: re *)
(* vendored: re *)
let () = List.iter print_endline (Re.split (Re.compile (Re.rep1 Re.space)) "to be  or not")
