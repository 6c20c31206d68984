let () = print_int (Vec.A.mk 3 :> int)
