type t = [ `Empty | `Text of string | `Lines of line list ]

and line = string

include S.BODY with type t := t

val length : t -> int
