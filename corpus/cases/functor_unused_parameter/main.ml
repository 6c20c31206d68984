module M = Cloud.Make (Rain)
let () = print_int M.cover
