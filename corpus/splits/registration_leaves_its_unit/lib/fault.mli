exception Bad_price of string

val raise_on : string -> 'a
val is_bad : string -> bool
