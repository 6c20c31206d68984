let mm = 3
