exception Bad of string  (** with the reason *)

type info = { size : int }

(** What may be wrong. *)
type error = Short | Long of info

val describe : error -> string

module V4 : sig
  type t

  val make : int -> t
  val get : t -> int
  val text : t -> string
  val check : t -> (t, error) result
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
