let () = print_int (Shop.Price.total [ 3; 4 ])
