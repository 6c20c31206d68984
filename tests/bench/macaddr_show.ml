(* packages: macaddr *)
(* vendored: macaddr *)
let () = print_endline (Macaddr.to_string ~sep:'-' (Macaddr.of_string_exn "ca:fe:ba:be:ee:ee"))
