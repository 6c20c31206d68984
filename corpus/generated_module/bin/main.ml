let () = print_endline (Version.name ())
