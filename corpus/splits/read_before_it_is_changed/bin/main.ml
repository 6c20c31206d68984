let () = print_int (Flat.small 1); print_int (Log.count ())
