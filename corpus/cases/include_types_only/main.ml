include Kit.Types
let x : t = 3
let () = print_int x
