let row = Shop.Row.make 3
let () = print_endline (Sexplib0.Sexp.to_string (Shop.Row.sexp_of_t { row with n = 4 }))
