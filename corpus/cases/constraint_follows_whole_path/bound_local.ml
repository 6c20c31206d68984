let f () = let module Q = (Outer.Q.M : sig val v0 : int end) in Q.v0
