type t = Round of int | Flat
type box = { side : int; top : t }
exception Torn of t
let unit = 1
let area t = match t with Round n -> n | Flat -> 0
