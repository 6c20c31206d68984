let greet ?(n = Tally.add 1) name = Printf.sprintf "%d %s" n name
let () = print_endline (greet ~n:2 "x")
