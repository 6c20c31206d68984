module X = B
