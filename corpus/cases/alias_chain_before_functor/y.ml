module Y = W.X
