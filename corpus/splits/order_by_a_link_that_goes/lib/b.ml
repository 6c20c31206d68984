let () = Log.add "b"
let one = 1
