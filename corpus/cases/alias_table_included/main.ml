include Table
let () = print_int (Sum.add 2)
