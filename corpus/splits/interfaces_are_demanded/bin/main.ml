let () = exit (Lib.Big.double 3)
