module Half = Pair.Make (Left)
module M = Half (Right)
let () = print_int M.sum
