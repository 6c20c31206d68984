module Make (X : sig val v : int end) = struct let v = X.v + 1 end
