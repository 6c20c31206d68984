let () = print_int (Flat.size ())
