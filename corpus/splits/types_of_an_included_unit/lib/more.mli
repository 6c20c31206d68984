include module type of struct
  include Base
end

val id : 'a -> 'a
val show : int -> string
val read : string -> int
