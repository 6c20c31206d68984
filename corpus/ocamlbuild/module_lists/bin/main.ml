let () = print_endline (Helper.greet "hello")
