include Make.Sized (Limit)
let () = print_int twice
