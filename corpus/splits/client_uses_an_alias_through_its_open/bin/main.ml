open Flat

let () = print_endline (B.shown (small 3))
