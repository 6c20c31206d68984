let () = print_int (String.length (Used.show ()))
