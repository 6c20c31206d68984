let () = print_endline (Back.digest "a" 0 1)
