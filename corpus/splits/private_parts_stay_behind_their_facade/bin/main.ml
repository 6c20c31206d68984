let () = if Shop.Till.is_enough 5 3 then print_int (Shop.Till.change 5 3)
