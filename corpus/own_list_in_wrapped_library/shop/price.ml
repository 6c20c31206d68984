let sorted prices = List.sort prices
