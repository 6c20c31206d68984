let () = print_int (Flat.Use.later 1)
