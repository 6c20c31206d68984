let () = print_endline (Front.digest "a" 0 1)
