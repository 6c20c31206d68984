let () = print_int (List.length (Synonym.t_of_sexp (Sexplib0.Sexp.List [])))
let _ = Colour.sexp_of_t
