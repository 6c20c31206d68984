module S = Outer.Sum
let () = print_int (S.add 2)
