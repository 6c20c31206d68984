include Price
module Stock = Stock
