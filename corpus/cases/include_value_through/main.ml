let () = print_int (Front.fn 1)
