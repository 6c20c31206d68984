module T = Tally
let () = print_endline "no sum"
