let () = print_int (Flat.count ()); print_string (Flat.word ())
