let () = print_endline (Table.Low.digest "a" 0 1)
