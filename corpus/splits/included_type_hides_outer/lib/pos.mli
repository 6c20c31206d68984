type t = Stop | Left of t | Right of t
type position = t

val stop : t
val left : t -> t
val compare : t -> t -> int

module Map : sig
  include Maps.S with type key = t

  val prune : 'a t -> 'a t
  val show : int t -> unit
  val show_keys : 'a t -> unit
  val show_pairs : int t -> unit
  val show_all : int t list -> unit
  val show_table : int t -> unit
  val of_list : (key * int) list -> int t
end

module Build : sig
  type t

  val empty : t
  val of_pos : position -> t
  val depth : t -> int
end
