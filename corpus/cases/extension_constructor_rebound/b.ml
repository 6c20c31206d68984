type t = ..
type t += X of int
