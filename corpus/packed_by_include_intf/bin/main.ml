module Q = Shop.Stock.Make (struct type t = int let size = 3 end)
let () = print_int (Q.count ())
