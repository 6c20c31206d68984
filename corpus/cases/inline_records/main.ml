let f = function Crate.Full { weight; _ } -> weight | Crate.Empty -> 0
let () = print_int (f (Crate.Full { weight = 3; label = "x" }))
