let small x = x + 1
let other x = x + 2
let big x = Printf.sprintf "%d" x
