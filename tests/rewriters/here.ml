(* packages: ppx_here *)
let where = [%here]
let f () = [%here].Lexing.pos_lnum
