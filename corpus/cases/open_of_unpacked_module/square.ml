let shape = (module struct let area = 4 end : Shape.S)
