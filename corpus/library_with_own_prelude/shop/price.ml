let total prices = List.sum prices
