type t

val make : int -> t
val get : t -> int
val text : t -> string

include Map.OrderedType with type t := t

val table : int -> string array
