let () = print_int Fac.Aa.(get (make 3))
