let constant = let open Tally in 1
let list = Shape.[ Dot; Circle 1 ]
let sum = Counter.(one + two)
let () = print_int (constant + sum + List.length list)
