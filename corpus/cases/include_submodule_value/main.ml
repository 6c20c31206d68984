let () = print_int Front.Sub.w
