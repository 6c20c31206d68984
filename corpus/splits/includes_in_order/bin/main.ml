let () = print_int (Flat.first * 100 + Flat.second)
