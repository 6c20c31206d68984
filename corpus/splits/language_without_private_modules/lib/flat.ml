type t = { number : int }

let make number = { number }
let get x = x.number
let shown x = Printf.sprintf "%d" x.number
