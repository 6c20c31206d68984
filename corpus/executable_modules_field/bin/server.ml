let () = print_int (State.next ())
