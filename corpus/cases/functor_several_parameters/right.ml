let v = 2
