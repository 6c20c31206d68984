module Price = Price
module Stock = Stock
