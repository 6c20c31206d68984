module F (X : sig val v0 : int end) = struct let v = X.v0 end module Q = F (Outer.Q.M)
