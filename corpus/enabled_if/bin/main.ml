let () = print_endline (Shop.Price.currency)
