module Price = Price
module Stock = Stock

type order = Price.t list

let version = "1.0"
let announce () = Stock.report ()
