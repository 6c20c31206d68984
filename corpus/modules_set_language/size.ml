let unit = 3
