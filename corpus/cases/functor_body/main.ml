module F (X : sig val n : int end) = struct let v = Tally.add X.n end
let () = print_endline "never applied"
