module Short = struct module T = Tally module S = Shape end
let () = print_int (Short.T.add 1)
