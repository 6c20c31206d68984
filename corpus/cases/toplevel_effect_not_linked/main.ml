let () = List.iter print_endline (Registry.all ())
