let two = 2

module Parts = Table
