exception Fire of int
