let () = B.Big.add 1 "x"; B.Big.dump (); exit (B.Big.double 3)
