let () = print_int (Maths.Sum.all [ 1; 2 ])
