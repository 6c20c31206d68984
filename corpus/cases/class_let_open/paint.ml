let red = 1
