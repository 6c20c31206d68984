open Kit
let () = print_int (Store.size ())
