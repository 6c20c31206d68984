let () = print_int (Flat.get (Flat.make 2 "two"))
