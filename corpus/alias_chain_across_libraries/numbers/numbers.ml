module Adding = Maths.Sum
module Multiplying = Maths.Product
let name = "numbers"
