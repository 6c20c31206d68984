type t

val make : string -> int -> t
val size : t -> int
val show_all : int -> unit
