let () = print_int (Flat.next ())
