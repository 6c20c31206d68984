let () = print_endline "nothing of the shop"
