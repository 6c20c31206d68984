let () = print_int (Shop.Price.parse "12")
