module type S = sig val v : int end
module Make (A : S) (B : S) = struct let sum = A.v + B.v end
