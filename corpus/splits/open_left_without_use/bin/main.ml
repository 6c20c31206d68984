let () = print_int (Flat.Util.count (List.to_seq [ 1; 2 ]))
