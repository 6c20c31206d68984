module RV = Rv

val four : RV.t

val all : RV.t list

val ok : RV.t -> bool
