module Sub : sig val f : int -> int end
type data = Data of int
type f = int -> int
type hidden
val v : int
val d : data
val h : hidden
