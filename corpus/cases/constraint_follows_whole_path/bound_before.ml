module Q : sig val zz : int end = Outer.Q.R
