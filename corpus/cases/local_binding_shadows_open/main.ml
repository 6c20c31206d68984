open Tally
let apply add = add 2
let () = print_int (apply succ)
