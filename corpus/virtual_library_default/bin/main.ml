let () = print_int (Clock.Now.get ())
