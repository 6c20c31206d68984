let () = print_int (Flat.shift 4)
