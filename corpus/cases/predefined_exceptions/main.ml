let () = try raise Not_found with Stdlib.Not_found | Failure _ -> print_endline "none"
