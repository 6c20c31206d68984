module Sum = Tally
module Form = Shape
