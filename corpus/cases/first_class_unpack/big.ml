let size = 100
