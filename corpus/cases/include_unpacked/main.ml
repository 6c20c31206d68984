let () = print_int All.area
