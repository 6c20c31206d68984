let () = print_string (Flat.where ())
