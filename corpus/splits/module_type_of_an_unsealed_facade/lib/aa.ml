let make x = x + 1
