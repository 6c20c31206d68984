let () = print_int Shop.Row.top
