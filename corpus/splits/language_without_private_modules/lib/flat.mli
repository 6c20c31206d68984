type t

val make : int -> t
val get : t -> int
val shown : t -> string
