let level = 9
