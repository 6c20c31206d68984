let name = "south"
