let digest = Back.digest
let () = print_endline (digest "a" 0 1)
