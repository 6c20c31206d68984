let () = print_endline "prices are ready"
let total prices = List.fold_left ( + ) 0 prices
