let () = print_int (Clock.Now.minutes ())
