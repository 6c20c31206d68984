let unit = 2
