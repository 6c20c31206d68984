let () = print_int (Shop.Price.parse "12")
let () = try ignore (Shop.Price.parse "1234") with e -> print_endline (Printexc.to_string e)
