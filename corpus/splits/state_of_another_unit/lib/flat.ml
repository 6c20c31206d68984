let small x = x + 1
let () = State.add "flat"
let () = State.object_#count
let () = State.up ()
let show x = Printf.sprintf "%d" x
