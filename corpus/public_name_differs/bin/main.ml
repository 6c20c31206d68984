let () = print_int (Tariff.Price.total [ 3; 4 ])
