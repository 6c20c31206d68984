let shelves = Array.make 8 0
