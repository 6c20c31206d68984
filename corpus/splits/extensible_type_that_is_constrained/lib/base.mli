type event = ..
type event += Start of int

val is_start : event -> bool
val trace : event -> string
