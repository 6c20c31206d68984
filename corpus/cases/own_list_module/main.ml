let () = print_int (List.length [ 1; 2 ])
