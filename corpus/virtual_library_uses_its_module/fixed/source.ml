let start = 1000
