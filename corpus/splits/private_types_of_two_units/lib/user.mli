val next : Size.t -> int
val count : int Size.many -> int
val code : Size.row -> int
