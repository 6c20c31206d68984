let () = print_endline "I am not in the program"
