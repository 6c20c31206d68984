module M = (val Choice.best : Plug.S)
let () = print_int M.size
