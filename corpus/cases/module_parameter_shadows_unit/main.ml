module F (Tally : sig val add : int -> int end) = struct let v = Tally.add 1 end
module M = F (struct let add n = n end)
let () = print_int M.v
