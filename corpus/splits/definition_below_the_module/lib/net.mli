(** Short ones. *)
module V4 : sig
  type t

  val make : int -> t
  val get : t -> int
  val text : t -> string
  val fold : ('a -> int -> 'a) -> 'a -> int -> 'a
end

(** Long ones. *)
module V6 : sig
  type t

  val make : int -> int -> t
  val get : t -> int
  val text : t -> string
  val all : int -> string list
end

val least : int -> int -> int
val table : int -> string list array
