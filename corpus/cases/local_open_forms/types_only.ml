type t = A | B
type pair = { left : t; right : t }
let never_linked = Printf.sprintf "%d" 3
