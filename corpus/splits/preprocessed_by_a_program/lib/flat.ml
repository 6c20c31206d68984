let small x = x + 1
let big x = Printf.sprintf "%d" x
