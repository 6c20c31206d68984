let () = Random.init 42
let first = Random.int 1000
let next () = Random.int 1000
let report () = Printf.sprintf "%d" first
