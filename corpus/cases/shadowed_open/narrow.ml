let width = 40
