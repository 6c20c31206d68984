module type T = module type of Tally
let () = print_endline "typed"
