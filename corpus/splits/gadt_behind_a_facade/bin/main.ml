open Fac.Key
let () = print_int (size (Pair (Int, Pair (Int, Int))))
