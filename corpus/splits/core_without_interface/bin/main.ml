open Flat
let () = print_int (get (make 2 "two")); print_endline (name { value = 1; name = "n" })
