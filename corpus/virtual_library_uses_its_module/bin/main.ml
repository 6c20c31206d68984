let () = print_int (Between.minute ())
