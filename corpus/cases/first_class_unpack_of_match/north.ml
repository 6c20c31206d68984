let name = "north"
