let f = function Shape.Star n -> n | _ -> 0
let () = print_int (f (Shape.Star 2))
