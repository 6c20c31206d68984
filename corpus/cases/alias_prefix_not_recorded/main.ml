module F (X : sig val add : int -> int end) = struct let v = X.add 1 end
module M = F (Outer.Sum.Part)

let () = print_int M.v
