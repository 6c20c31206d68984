let () = print_int (Shop.total [ 3; 4 ])
