let () = print_int Outer.I.D.v
