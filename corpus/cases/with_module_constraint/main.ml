module type Holder = sig module Part : sig val add : int -> int end end
module type T = Holder with module Part = Tally
let () = print_endline "typed"
