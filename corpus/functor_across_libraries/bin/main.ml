let () =
  let stock = Shop.Stock.Items.(add "tea" 3 empty) in
  Shop.Stock.Items.iter (fun name n -> print_endline (name ^ " " ^ string_of_int n)) stock
