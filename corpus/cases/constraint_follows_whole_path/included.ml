include (Outer.Q.M : sig val v0 : int end)
