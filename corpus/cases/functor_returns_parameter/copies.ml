module Same (X : sig val add : int -> int end) = X
module Sum = Same (Tally)
module One = Same (struct let add n = n + 1 end)
