type 'a pair = { left : 'a; right : 'a }

val swap : 'a pair -> 'a pair

module V4 : sig
  type t

  val make : int -> t
  val get : t -> int
  val halves : t -> t pair
  val fold : ('a -> int -> 'a) -> 'a -> int -> 'a
end

module V6 : sig
  type t

  val make : int -> int -> t
  val get : t -> int
  val text : t -> string
  val all : int -> string list
end

val table : int -> string list array
