let () = print_int (let module T = Tally in T.add 1)
