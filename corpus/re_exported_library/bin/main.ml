let () = print_int (Maths.Sum.all (Shop.Price.list ()))
