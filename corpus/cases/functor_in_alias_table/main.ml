module M = Table.Maker.Sized (Table.Bound)
let () = print_int M.twice
