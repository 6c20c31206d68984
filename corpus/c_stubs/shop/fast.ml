external double : int -> int = "shop_fast_double"
let quadruple n = double (double n)
