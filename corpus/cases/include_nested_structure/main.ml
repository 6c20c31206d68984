let () = print_int Front.M.Sub.w
