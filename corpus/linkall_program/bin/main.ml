let () = print_endline "all aboard"
