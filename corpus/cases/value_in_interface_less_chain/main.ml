let () = print_int Middle.twice
