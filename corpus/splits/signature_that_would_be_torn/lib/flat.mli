(** Signatures that are included are not spelled out. *)

module type SHOWN = sig
  type t

  val first : t
  val show : t -> string
end

include SHOWN

val table : int -> string array
val show_all : int -> unit
