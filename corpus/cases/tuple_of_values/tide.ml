let height = 4
