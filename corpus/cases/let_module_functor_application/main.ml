let g () = let module M = F.Make (B) in 1
let () = print_int (g ())
