let f2 x = x + 1
