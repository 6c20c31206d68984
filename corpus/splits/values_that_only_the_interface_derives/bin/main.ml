let () = print_int (Flat.size (Flat.make "shelf" 4))
