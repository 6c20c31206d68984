type t = { key : Key.t }

let make key = { key }
let show row = Printf.sprintf "%S" row.key
