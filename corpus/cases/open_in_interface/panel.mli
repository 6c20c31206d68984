open Shape
val side : unit -> int
val shape : t
