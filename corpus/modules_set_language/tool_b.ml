let () = print_int (Shared.twice 2)
