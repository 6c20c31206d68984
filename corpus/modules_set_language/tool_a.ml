let () = print_int Base_part.Size.unit
