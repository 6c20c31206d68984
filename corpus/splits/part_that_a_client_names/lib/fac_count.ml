type t = int

let start = 1
let next n = n + 1
let to_int n = n
