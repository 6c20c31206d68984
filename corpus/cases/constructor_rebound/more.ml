type Base.t += Red of int
