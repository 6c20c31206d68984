let () = if Prefixed.t_of_sexp (Sexplib0.Sexp.List []) = [] then print_endline "none"
