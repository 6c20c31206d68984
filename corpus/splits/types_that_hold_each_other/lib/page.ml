type page = Text | Boxes of box list
and box = Boxed of page

let rec depth = function Text -> 0 | Boxes boxes -> List.fold_left (fun n (Boxed page) -> max n (1 + depth page)) 1 boxes
let show page = Printf.sprintf "%d deep" (depth page)
