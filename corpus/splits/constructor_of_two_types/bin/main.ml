let () = print_int (Flat.number (Flat.C Flat.A))
