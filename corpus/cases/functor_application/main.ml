module M = Make.Sized (struct let max = 3 end)
let () = print_int M.twice
