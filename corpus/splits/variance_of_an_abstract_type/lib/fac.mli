module Aa : sig
  type +'a t

  val create : unit -> 'a t
  val length : 'a t -> int
end

module Bb : sig
  val show_all : int -> unit
  val more : 'a -> 'a Aa.t -> 'a Aa.t
end
