open Tally
type r = { add : int -> int }
let apply ~add = add 3
let () = print_int (apply ~add)
let r = { add }
let () = print_int (r.add 1)
