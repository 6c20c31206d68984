module Make (S : sig val first : int end) = struct
  class counter = object val mutable n = S.first method next = n <- n + 1; n end
end
