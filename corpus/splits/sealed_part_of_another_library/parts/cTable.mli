val table : int -> string array
val show_all : int -> unit
