module M = Make.Fresh ()
let () = print_int (M.next ())
