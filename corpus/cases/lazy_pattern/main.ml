let get (lazy n) = n + 1
let () = print_int (get (lazy 3))
