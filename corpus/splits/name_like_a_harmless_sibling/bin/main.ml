let () = print_int (Pat.Flat.get (Pat.Flat.make 2 "two"));
  print_int (Pat.Size.of_int 1)
