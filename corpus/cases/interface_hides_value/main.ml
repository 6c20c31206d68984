let () = print_int (Door.open_ ())
