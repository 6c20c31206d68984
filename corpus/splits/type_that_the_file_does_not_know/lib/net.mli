open Kinds

val cells : phase array
val table : int -> string list array
val show_all : int -> unit
