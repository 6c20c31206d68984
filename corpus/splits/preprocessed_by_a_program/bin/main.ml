let () = print_int (Flat.small 3)
