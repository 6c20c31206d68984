module Q = Maker.H (Argument)
