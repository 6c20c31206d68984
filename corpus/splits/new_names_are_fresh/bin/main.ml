let () = print_int (Big.Flat.get (Big.Flat.make 2 "two") + Big.Other.z)
