(* packages: domain-name *)
(* vendored: domain-name *)
let () =
  let set = Domain_name.Set.of_list (List.map Domain_name.of_string_exn [ "b.org"; "a.org"; "b.org" ]) in
  Domain_name.Set.iter (fun name -> print_endline (Domain_name.to_string name)) set
