let f = function "a" -> 1 | "b" -> 2 | _ -> assert false
let () = print_int (compare (f "a") (f "b"))
