let () = List.iter print_endline (Version_of.libraries ())
