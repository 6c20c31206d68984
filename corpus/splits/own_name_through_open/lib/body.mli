open Outer

type t = [ `Plain of Body.t | `Stream of int list ]

val of_string : string -> t
val length : t -> int
val lines : t -> string array
val show : t -> unit
