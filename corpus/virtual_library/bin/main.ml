let () = print_int (Clock.Now.get () + Clock.Units.minutes 2)
