module M = Table.Make (struct let n = 2 end)
let () = print_int M.twice
