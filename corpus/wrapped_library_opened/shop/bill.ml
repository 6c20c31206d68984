let print prices = print_endline ("total " ^ string_of_int (Price.total prices))
