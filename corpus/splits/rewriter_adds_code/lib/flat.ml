let small x = x + 1
let show x = Printf.sprintf "%d" x
