module F (X : sig module N : sig val f2 : int -> int end end) = struct let x = X.N.f2 end
module Q = F (Maker.H (Argument))
