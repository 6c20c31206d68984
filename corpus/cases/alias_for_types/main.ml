module S = Shape
let c = S.Circle 2
let () = match c with S.Dot -> () | S.Circle n -> print_int n
