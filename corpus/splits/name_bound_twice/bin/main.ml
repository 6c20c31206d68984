let () = print_int (Flat.f 1)
