let () = print_int (Copies.Sum.add 1 + Copies.One.add 2)
