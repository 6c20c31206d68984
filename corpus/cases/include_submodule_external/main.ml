let () = print_endline (Front.Prims.digest "a" 0 1)
