let () = Flat.twice 3 print_int; List.iter print_int (Flat.thrice 4)
