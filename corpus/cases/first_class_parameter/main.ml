module type S = sig val add : int -> int end
let run (module Tally : S) = Tally.add 1
let () = print_int (run (module struct let add n = n end))
