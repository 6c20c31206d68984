let count (l : Flat.Util.item list) = List.length l
let () = print_int (count [ Flat.Util.A ] + Flat.Util.item 3)
