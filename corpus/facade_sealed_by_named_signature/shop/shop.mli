module Price : Price_intf.S
module Stock = Stock
