module M = Maker.Make (struct end)

let () = print_int (M.Sum.add 1)
