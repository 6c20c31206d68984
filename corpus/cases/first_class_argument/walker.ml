let step = 1
