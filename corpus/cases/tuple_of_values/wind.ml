let speed = 3
