let v0 = 3
