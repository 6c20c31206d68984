let () = print_endline (User.show 3)
