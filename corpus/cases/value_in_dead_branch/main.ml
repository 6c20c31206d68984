let () = if false then print_int (Tally.add 1) else print_endline "nothing to add"
