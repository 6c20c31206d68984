let () = print_int (Flat.make 1)
