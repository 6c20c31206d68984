include Tally
let () = print_endline "included"
