let ( let* ) o f = Option.bind o f
let ( and* ) a b = match a, b with Some a, Some b -> Some (a, b) | _ -> None
let ( let+ ) o f = Option.map f o
