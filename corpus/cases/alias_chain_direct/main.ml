let () = print_int (Outer.Sum.add 2)
