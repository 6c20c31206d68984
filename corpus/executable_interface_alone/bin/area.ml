let area shape = shape.Shape.width * shape.Shape.height
