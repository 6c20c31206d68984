let () = List.iter print_endline (Shop.Registry.all ())
