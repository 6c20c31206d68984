let sum a b = Ast.Sum (a, b)
