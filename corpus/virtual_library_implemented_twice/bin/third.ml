let () = print_int (Between.Now.days () + Clock.Later.of_hours ()); print_string (Between.zone ())
