let () = print_int (Flat.small 1); print_string (State.text ())
