type Base.t += Crimson = More.Red
let f = function Crimson n -> n | _ -> 0
let () = print_int (f (Crimson 1))
