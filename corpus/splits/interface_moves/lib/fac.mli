module Aa : sig
  type t = A | B of int

  val make : int -> t
  (** Makes one. *)

  val get : t -> int
end

module Bb : sig
  val table : int -> string array
  val show_all : int -> unit
  val sum : int -> int
end
