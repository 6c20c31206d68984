type t

exception Fault of t

val make : int -> string -> t
val fail : t -> 'a
val code : t -> int
