module Aa : sig
  type t

  val make : int -> t

  module Set : Set.S with type elt = t

  module Table : sig
    include Map.S with type key = t

    val of_set : Set.t -> int t
  end
end

module Bb : sig
  val show_all : int -> unit
  val size : Aa.Set.t -> int
  val sum : int -> int
end
