let () = print_int (Work.run 41)
