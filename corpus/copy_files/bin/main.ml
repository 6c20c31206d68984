let () = print_int (Shop.Sum.all [ 3; 4 ])
