module F (X : sig end) = struct let v = 1 end
module M = F (Tally)
let () = print_int M.v
