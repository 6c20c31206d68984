let () = print_int (Panel.side ())
