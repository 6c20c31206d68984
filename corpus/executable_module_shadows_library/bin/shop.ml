let total prices = List.length prices
