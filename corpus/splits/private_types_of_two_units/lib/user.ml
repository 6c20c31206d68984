let next (x : Size.t) = (x :> int) + 1
let count (x : int Size.many) = List.length (x :> int list)
let code (r : Size.row) = match r with `A -> 1 | _ -> 2
