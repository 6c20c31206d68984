let seen = 1
