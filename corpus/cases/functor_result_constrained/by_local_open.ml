let v = let open struct module Q : sig module N : sig end end = Maker.H (Argument) end in 3
