let () = print_int (Shop.Fast.double 21)
