module Twice = Y.Y.Make (A)
let () = print_int Twice.twice
