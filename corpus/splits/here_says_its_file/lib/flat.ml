let where () = [%here].Lexing.pos_fname
let show x = Printf.sprintf "%d" x
