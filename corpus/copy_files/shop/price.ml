let total prices = Sum.all prices
