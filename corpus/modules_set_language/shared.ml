let twice n = Base_part.Shape.area (2 * n)
