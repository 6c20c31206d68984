val show : int -> string
val keep : Shape.t -> unit
