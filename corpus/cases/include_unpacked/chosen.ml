let shape = (module Square : Shape.S)
