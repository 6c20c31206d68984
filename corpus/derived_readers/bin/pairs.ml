let () = print_int (fst (Pair.t_of_sexp (List [ Atom "1"; Atom "b" ])))
