val double : int -> int

val show0 : int list -> string

val show1 : int list -> string

val show2 : int list -> string

val show3 : int list -> string

val show4 : int list -> string

val show5 : int list -> string

val show6 : int list -> string

val show7 : int list -> string

val show8 : int list -> string

val show9 : int list -> string

val show10 : int list -> string

val show11 : int list -> string

val show12 : int list -> string

val show13 : int list -> string

val show14 : int list -> string

val show15 : int list -> string

val show16 : int list -> string

val show17 : int list -> string

val show18 : int list -> string

val show19 : int list -> string

val show20 : int list -> string

val show21 : int list -> string

val show22 : int list -> string

val show23 : int list -> string

val show24 : int list -> string

val show25 : int list -> string

val show26 : int list -> string

val show27 : int list -> string

val show28 : int list -> string

val show29 : int list -> string
