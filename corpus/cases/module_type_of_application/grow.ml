module Make (X : sig val v : int end) = struct let tall = X.v end
