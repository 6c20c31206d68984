let () = print_int (Used.x Big.X)
