module Q : sig module N : sig end end = Maker.H (Argument)
