type t = Round of int | Flat
type box = { side : int }
