let () = print_int (Price.total [ 3; 4 ])
