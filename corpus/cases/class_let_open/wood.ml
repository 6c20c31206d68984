let oak = 2
