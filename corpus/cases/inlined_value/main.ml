let () = print_int (Wrapper.bump 4)
