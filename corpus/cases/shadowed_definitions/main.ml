let f () = First.v
let before () = f ()
let f () = f () + Second.v
let () = print_int (before () + f ())
