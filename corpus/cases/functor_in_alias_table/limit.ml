let max = 8
