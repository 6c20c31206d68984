let () = print_int (Flat.scale (Flat.sum 3))
