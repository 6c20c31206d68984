let text s = s ^ string_of_int (Shop.Price.total [ 1 ])
