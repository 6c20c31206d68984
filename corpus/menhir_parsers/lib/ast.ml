type t = Number of int | Sum of t * t
let number n = Number n
