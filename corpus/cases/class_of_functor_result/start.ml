let first = 3
