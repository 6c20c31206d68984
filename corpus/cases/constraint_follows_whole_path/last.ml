let zz = 1
