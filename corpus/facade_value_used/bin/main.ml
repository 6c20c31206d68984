let () = print_endline Shop.version
