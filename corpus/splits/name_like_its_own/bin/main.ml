let () = print_int (Pat.Flat.get (Pat.Flat.make 2 "two"))
