let before = Log.count ()
let () = Log.add "flat"
let small x = x + 1
let show x = Printf.sprintf "%d %d" x before
