module T = Fac.Aa
let e = T.filter (fun _ _ -> true) T.empty
let () = print_int (T.cardinal (T.add 1 "a" e) + T.cardinal (T.add 1 2 e))
