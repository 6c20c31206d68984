let () = print_int (Flat.get (Flat.make 3))
