let () = print_int (List.length (Shop.Price.sorted [ 3; 4 ]))
