let start = 1000
let show x = Printf.sprintf "%d" (start + x)
