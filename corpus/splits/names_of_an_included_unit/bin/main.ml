let () = print_int Flat.(both 3 4); print_int Flat.first; print_int Flat.(first *> 5)
