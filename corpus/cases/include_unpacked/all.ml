include (val Chosen.shape : Shape.S)
