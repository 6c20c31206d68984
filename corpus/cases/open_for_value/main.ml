open Tally
let () = print_int (add 3)
