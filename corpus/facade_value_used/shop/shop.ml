module Price = Price
module Stock = Stock

let version = "1.0"
let announce () = Stock.report ()
