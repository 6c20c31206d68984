module Make (X : sig val n : int end) = struct let twice = 2 * X.n end
