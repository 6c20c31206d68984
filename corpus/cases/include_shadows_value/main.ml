include Tally
let add n = n + 100
let () = print_int (add 1)
