let () = print_int (Price.total (map succ [ 3; 4 ]))
