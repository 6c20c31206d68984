let f n = match n with _ when n > 5 -> 0 | _ -> Late.v
let () = print_int (f 2)
