(* packages: re *)
(* vendored: re *)
let () =
  let re = Re.Perl.compile_pat "([a-z]+)=([0-9]+)" in
  List.iter (fun groups -> Printf.printf "%s:%s\n" (Re.Group.get groups 1) (Re.Group.get groups 2))
    (Re.all re "a=1 bc=22 d=x")
