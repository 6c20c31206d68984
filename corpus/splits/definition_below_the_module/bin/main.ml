let () = print_int (Net.V4.get (Net.V4.make 5))
