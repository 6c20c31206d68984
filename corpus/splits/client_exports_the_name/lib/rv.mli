type t = int
val double : t -> t

val show0 : t list -> string

val show1 : t list -> string

val show2 : t list -> string

val show3 : t list -> string

val show4 : t list -> string

val show5 : t list -> string

val show6 : t list -> string

val show7 : t list -> string

val show8 : t list -> string

val show9 : t list -> string
