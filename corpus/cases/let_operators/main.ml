open Maybe.Syntax
let sum = let* x = Some 1 in let+ y = Some 2 in x + y
let () = print_int (Option.get sum)
