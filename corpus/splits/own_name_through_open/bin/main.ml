let () = print_int (Lib.Body.length (Lib.Body.of_string "abc"))
