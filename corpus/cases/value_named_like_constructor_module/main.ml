module Tally = struct let add n = n end
let () = print_int (Tally.add 2)
