let once = 21
