let show (x : B.t) = (x :> int)
let rows : B.row list = []
let () = print_int (List.length rows)
