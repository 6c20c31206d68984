module _ = Tally
let () = print_endline "named only"
