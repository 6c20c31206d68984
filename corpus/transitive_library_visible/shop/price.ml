let total prices = Maths.Sum.all prices
