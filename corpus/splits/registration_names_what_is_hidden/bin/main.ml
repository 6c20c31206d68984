let () = print_int (Shop.Price.parse "12")
let () = try ignore (Shop.Price.parse "1234") with Shop.Fault.Fault fault -> print_int (Shop.Fault.code fault)
