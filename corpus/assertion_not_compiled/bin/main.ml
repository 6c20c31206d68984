let check n = assert (Shop.Price.is_fair n); n
let () = print_int (check 3)
