(* packages: domain-name *)
(* vendored: domain-name *)
let () = print_endline (Domain_name.to_string (Domain_name.of_string_exn "Example.ORG"))
