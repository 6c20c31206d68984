module S = Front.Sub
let () = print_int S.w
