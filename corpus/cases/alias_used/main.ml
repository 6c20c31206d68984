module T = Tally
let () = print_int (T.add 2)
