let () = ignore (Tree.children_of_sexp (List []))
let _ = Side.t_of_sexp
