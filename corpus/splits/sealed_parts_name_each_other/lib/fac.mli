(** Numbers. *)
module Aa : sig
  (** A number. *)
  type t

  val make : int -> t
  val get : t -> int
end

(** Pairs of them. *)
module Bb : sig
  type t = { left : Aa.t; right : Aa.t }  (** both sides *)

  type shape = Flat | Deep of t

  val pair : Aa.t -> Aa.t -> t
  val total : t -> int
end

module Cc : sig
  val show_all : int -> unit
  val both : Bb.t -> Aa.t
end
