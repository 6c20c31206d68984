type B.t += Y = B.X
