module Q : sig module P : sig val f2 : int -> int end end = Maker.H (Argument)
