let () = print_int (Front.add 2)
